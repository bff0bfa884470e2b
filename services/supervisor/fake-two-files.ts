import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../shared/database.ts";
import { createFakeSystem, type FakeSystem } from "./fake-system.ts";
import { openJournal } from "./journal/journal.ts";
import { openLedger } from "./journal/ledger.ts";
import { createSharedLog, type SharedLog } from "./journal/shared-log.ts";
import { type Answer, parseAnswer, type Question, type Scribe } from "./scribe/scribe.ts";
import { createScribeTasks } from "./scribe/scribe-tasks.ts";

/** The next question is never answered: the child died before it did what it was asked, or after. */
export type ScribeFault = "dies before" | "dies after";

export type TwoFiles = ReturnType<typeof createTwoFiles>;

/** A settling goes on while there is news, as the control loop does; a file that never rests is left for the next. */
const MOST_ROUNDS = 20;

/**
 * The system with two real files, a journal and a shared one that anybody may write, lock and break; the scribe's tasks
 * run in this process, and it dies when it is told to.
 */
export function createTwoFiles() {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-two-"));
  const [own, state] = [join(directory, "own"), join(directory, "state")];
  for (const each of [own, state]) mkdirSync(each);
  const path = join(state, "lastgood.db");
  const journal = openJournal(join(own, "journal.db"));
  journal.pragma("synchronous = OFF"); // no test of ours cuts the power
  const ledger = openLedger(join(own, "ledger.db"));
  const faults: ScribeFault[] = [];
  let scribe: ReturnType<typeof createFakeScribe> | null = null;
  let reached: SharedLog | null = null;
  let isNews = false;

  const system: FakeSystem = createFakeSystem({ db: journal, remove });
  system.reachShared = (record) => {
    scribe?.end();
    scribe = createFakeScribe(path, faults, (...call) => system.interrupt(...call));
    reached = createSharedLog({
      ...{ journal, record, scribe, clock: system.clock },
      ledger: {
        ...ledger,
        note(pairs) {
          system.interrupt("note", "before", []);
          ledger.note(pairs);
          system.interrupt("note", "after", []);
        },
      },
      chatDeploys: { kind: "of", repositories: ["worker"] },
      held: async () => (await system.runtime.look()).held,
      isAnnounced: () => false,
      freeBytes: () => 0,
      onChange: () => {
        isNews = true;
      },
    });
    return reached;
  };
  system.writeAsWorker = (write) => {
    try {
      withFile((file) => write(file, ledger.sharedIdOf));
    } catch {
      // A worker that cannot write has said nothing.
    }
  };

  /** As a process of its own would open it: it waits for nobody, and its clock is ours. */
  function withFile<T>(work: (file: ReturnType<typeof openDatabase>) => T): T {
    const file = openDatabase(path);
    try {
      file.pragma("busy_timeout = 0");
      file.function("unixepoch", (_subsec) => system.clock.now() / 1000);
      return work(file);
    } finally {
      file.close();
    }
  }

  function remove(): void {
    scribe?.end();
    ledger.close();
    journal.close();
    rmSync(directory, { recursive: true, force: true });
  }

  return {
    system,
    path,
    journal,
    ledger,
    /** What befalls the scribe at its next questions. */
    faults,
    withFile,
    shared: () => reached,
    /** A supervisor that turns with the shared file before it settles, and again until there is no news. */
    startSupervisor(...overrides: Parameters<FakeSystem["startSupervisor"]>) {
      const supervisor = system.startSupervisor(...overrides);
      const log = reached;
      return {
        ...supervisor,
        async settle() {
          for (let rounds = 1; ; rounds += 1) {
            isNews = false;
            await log?.turn();
            const rest = await supervisor.settle();
            if (!isNews || rounds >= MOST_ROUNDS || rest.kind === "leave") return rest;
          }
        },
      };
    },
  };
}

type Interrupt = FakeSystem["interrupt"];

/** What is asked and answered goes as it would through a pipe. */
function createFakeScribe(path: string, faults: ScribeFault[], interrupt: Interrupt): Scribe & { end(): void } {
  const begin = () => createScribeTasks(path, () => {}, 0);
  let tasks = begin();
  const dieIf = (fault: ScribeFault) => {
    if (faults[0] !== fault) return false;
    faults.shift();
    tasks.close();
    tasks = begin();
    return true;
  };
  return {
    async ask<K extends Question["kind"]>(question: Question & { readonly kind: K }): Promise<Answer<K> | null> {
      interrupt("ask", "before", [question.kind]);
      if (dieIf("dies before")) return null;
      const answer = tasks.answer(JSON.parse(JSON.stringify(question)));
      if (dieIf("dies after")) return null;
      interrupt("ask", "after", [question.kind]);
      return parseAnswer(question.kind, JSON.parse(JSON.stringify(answer)));
    },
    onNews: () => {},
    end: () => tasks.close(),
  };
}
