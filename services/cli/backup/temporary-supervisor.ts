import { join } from "node:path";
import { expect } from "@jest/globals";
import { systemClock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { DATABASE_FILE, JOURNAL_FILE, LEDGER_FILE } from "../../../shared/files.ts";
import { openJournal } from "../../supervisor/journal/journal.ts";
import { openLedger } from "../../supervisor/journal/ledger.ts";
import { createSharedLog } from "../../supervisor/journal/shared-log.ts";
import { createScribeTasks } from "../../supervisor/scribe/scribe-tasks.ts";

/** `turn`: rows out, claims in, once. */
export type Life = (journal: Database, turn: () => Promise<void>) => void | Promise<void>;

/**
 * For tests: a supervisor's life with its journal and the shared file, both real; the scribe is in this process. It ends
 * with all mirrored, and resolves with its `process.started`, and which row of the shared file each of the journal is.
 */
export async function lifeOfSupervisor({ stateDir, ownDir }: { stateDir: string; ownDir: string }, live: Life) {
  const journal = openJournal(join(ownDir, JOURNAL_FILE));
  const ledger = openLedger(join(ownDir, LEDGER_FILE));
  const tasks = createScribeTasks(join(stateDir, DATABASE_FILE));
  const shared = createSharedLog({
    ...{ journal, ledger, clock: systemClock, chatDeploys: { kind: "of", repositories: ["worker"] } },
    scribe: { ask: async (question) => tasks.answer(question) as never, onNews: () => {} },
    record: (type, payload, parentId = null) => logEvent(journal, parentId, type, payload),
    held: async () => new Set(),
    ...{ isAnnounced: () => false, freeBytes: () => 0, onChange: () => {} },
  });
  expect(await shared.begin()).toBe(true);
  const started = logEvent(journal, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  await shared.turn();
  await live(journal, shared.turn);
  await shared.turn();
  const pairs = ledger.newest(1000).map(({ journalId, sharedId }) => [journalId, sharedId] as const);
  expect(shared.seen()).toMatchObject({ behind: 0, foreign: [], trouble: null });
  for (const open of [tasks, ledger, journal]) open.close();
  return { started, pairs };
}
