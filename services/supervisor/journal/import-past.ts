import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { newestEventId } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Scribe } from "../scribe/scribe.ts";
import { beginAbove } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { type PastRow, parsePastRow } from "./past-row.ts";

export interface ImportPorts {
  readonly journal: Database;
  readonly ledger: Ledger;
  readonly scribe: Pick<Scribe, "ask">;
  /** The images that the engine holds for us; null when it cannot be asked. */
  readonly held: () => Promise<ReadonlySet<string> | null>;
}

/** Of what counts by its newest alone; of images each verdict and each choice counts, as far as anybody goes back. */
const MOST_OF_A_TYPE = 200;
const MOST_OF_IMAGES = 5000;
const ALL_COUNT: ReadonlySet<string> = new Set([
  EventType.RevisionPromoted,
  EventType.RevisionQuarantined,
  EventType.DeployStarted,
]);

/**
 * Fills a journal that begins from what an older installation recorded in the shared file, under the ids that it has
 * there. Whoever could write that file could forge it: what it says of an image counts where the engine holds that image
 * for us; any other has to earn its promotion anew. Resolves with false when it cannot be read now, and nothing is done.
 */
export async function importPast(ports: ImportPorts, maxId: number): Promise<boolean> {
  const { journal, ledger, scribe } = ports;
  if (newestEventId(journal) > 0) return true;
  const held = await ports.held();
  if (held === null) return false;
  const byType = new Map<string, PastRow[]>();
  const answered = new Set<number>();
  for (let after = 0; ; ) {
    const answer = await scribe.ask({ kind: "past", after });
    if (answer?.kind !== "page") return false;
    const past = answer.rows.map(parsePastRow).filter((row) => row !== null);
    for (const row of past.filter(isAnswer)) answered.add(Number(row.payload.request_id));
    for (const row of past.filter((row) => isVouchedFor(row, held))) keep(byType, row);
    const last = answer.rows.at(-1);
    if (!last) break;
    after = last.id;
  }
  const kept = [...byType.entries()].flatMap(([type, found]) => found.slice(-mostOf(type)));
  const rows = withoutLostAnswers(kept, answered).sort((one, other) => one.id - other.id);
  // First the ledger, which counts for nothing while the journal is empty: what dies between begins anew.
  ledger.forgetAfter(0);
  ledger.note(rows.map(({ id }) => ({ journalId: id, sharedId: id })));
  ledger.noteScanned(maxId);
  inTransaction(journal, () => {
    for (const row of rows) insert(journal, row);
    beginAbove(journal, maxId);
  });
  return true;
}

function isVouchedFor({ eventType, payload: { image_id: imageId } }: PastRow, held: ReadonlySet<string>): boolean {
  return eventType === EventType.RevisionQuarantined || imageId === undefined || held.has(String(imageId));
}

const ANSWERS: ReadonlySet<string> = new Set([
  EventType.DeployStarted,
  EventType.DeployRejected,
  EventType.RollbackStarted,
  EventType.RollbackRejected,
]);
const isAnswer = ({ eventType }: PastRow) => ANSWERS.has(eventType);

/** A request whose answer stays behind would be asked anew, however long ago it was: it stays behind as well. */
function withoutLostAnswers(rows: readonly PastRow[], answered: ReadonlySet<number>): PastRow[] {
  const kept = new Set(rows.filter(isAnswer).map(({ payload }) => Number(payload.request_id)));
  return rows.filter(({ id }) => !answered.has(id) || kept.has(id));
}

function keep(byType: Map<string, PastRow[]>, row: PastRow): void {
  const rows = byType.get(row.eventType) ?? [];
  rows.push(row);
  const most = mostOf(row.eventType);
  byType.set(row.eventType, rows.length < 2 * most ? rows : rows.slice(-most));
}

const mostOf = (type: string) => (ALL_COUNT.has(type) ? MOST_OF_IMAGES : MOST_OF_A_TYPE);

/** What a worker said has its row in the shared file, as any claim. */
const SAID: ReadonlySet<string> = new Set([EventType.ProcessStarted, EventType.WorkerReady]);

function insert(journal: Database, { id, timestamp, parentId, eventType, payload }: PastRow): void {
  const parent = parentId !== null && hasRow(journal, parentId) ? parentId : null;
  const isSaid = SAID.has(eventType) && payload.role !== "supervisor";
  const stored = isSaid ? { ...payload, claim: { id, at: timestamp } } : payload;
  const query = "INSERT INTO events (id, timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?, ?)";
  sql(journal, query).run(id, timestamp, parent, eventType, JSON.stringify(stored));
}

function hasRow(journal: Database, id: number): boolean {
  return sql(journal, "SELECT 1 FROM events WHERE id = ?").get(id) !== undefined;
}
