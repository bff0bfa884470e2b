import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { initSchema } from "../../../shared/schema.ts";
import { createRecorder } from "../performer.ts";
import { createFakeScribe } from "../scribe/fake-scribe.ts";
import type { ChatDeploys } from "../settings.ts";
import { openJournal } from "./journal.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { createSharedLog } from "./shared-log.ts";

export type TemporaryJournal = ReturnType<typeof temporaryJournal>;

/** For tests: journal, ledger and shared file, all real, in a directory of their own, and a supervisor over them. */
export function temporaryJournal() {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-journal-"));
  const files = {
    journal: join(directory, "journal.db"),
    ledger: join(directory, "mirror.db"),
    shared: join(directory, "lastgood.db"),
  };
  const clock = createFakeClock();
  const scribe = createFakeScribe(files.shared);
  const dated = (db: Database) => db.function("unixepoch", (_subsec) => clock.now() / 1000);
  const others: Database[] = [];
  let journal = dated(openJournal(files.journal));
  let ledger: Ledger = openLedger(files.ledger);

  const close = () => {
    scribe.close();
    journal.close();
    ledger.close();
  };

  const system = {
    ...{ directory, files, clock, scribe },
    get journal() {
      return journal;
    },
    get ledger() {
      return ledger;
    },
    held: new Set(["sha256:a", "sha256:b"]) as ReadonlySet<string> | null,
    chatDeploys: { kind: "of", repositories: ["worker"] } as ChatDeploys,
    freeBytes: 0,
    /** How often a decision was asked for. */
    changes: 0,

    ports: () => ({
      ...{ journal, ledger, scribe, clock, chatDeploys: system.chatDeploys },
      record: createRecorder(journal, silentLogger, null),
      held: async () => system.held,
      isAnnounced: () => false,
      freeBytes: () => system.freeBytes,
      onChange: () => {
        system.changes += 1;
      },
    }),
    /** A supervisor, or what follows one that died. */
    async supervise() {
      const shared = createSharedLog(system.ports());
      await shared.begin();
      const started = { role: "supervisor", pid: 1, version: "v" } as const;
      return { shared, id: logEvent(journal, null, EventType.ProcessStarted, started) };
    },
    /** As a worker has it. */
    connect(): Database {
      const db = dated(openDatabase(files.shared));
      others.push(db);
      return db;
    },
    /** The shared file as somebody made it before. */
    sharedFile(): Database {
      const db = system.connect();
      initSchema(db);
      return db;
    },
    spawn: (supervisorId: number, instance: string, image = "a") =>
      logEvent(journal, supervisorId, EventType.WorkerSpawned, {
        ...{ pid: null, instance, container_id: "c", revision: `worker:${image}`, image_id: `sha256:${image}` },
      }),
    exit: (instance: string, facts: { startedAt?: number; processId?: number; image?: string } = {}) =>
      logEvent(journal, null, EventType.WorkerExited, {
        ...{ instance, process_id: facts.processId ?? null, class: "crash", exit_code: 1, signal: null, oom: false },
        ...{ revision: "worker:a", image_id: `sha256:${facts.image ?? "a"}`, uptime_seconds: 0 },
        ...{ started_at: facts.startedAt ?? null, ready_seconds: null, error: null, log_tail: [] },
      }),
    /** The files are opened anew, as after a death; what is given of them happens while they are closed. */
    reopen(whileClosed: () => void = () => {}) {
      close();
      whileClosed();
      journal = dated(openJournal(files.journal));
      ledger = openLedger(files.ledger);
    },
    /** Copies a file with all that is in it. */
    copy(from: string, to: string) {
      const db = openDatabase(from);
      db.pragma("wal_checkpoint(TRUNCATE)");
      db.close();
      copyFileSync(from, to);
    },
    removeFile: (file: string) => {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
    },
    remove() {
      close();
      for (const db of others) db.close();
      rmSync(directory, { recursive: true });
    },
  };
  return system;
}
