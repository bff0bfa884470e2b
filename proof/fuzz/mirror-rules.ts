import type { TwoFiles } from "../../services/supervisor/fake-two-files.ts";
import { translated } from "../../services/supervisor/journal/id-fields.ts";
import { eventsAfter, type LoggedEvent } from "../../shared/event-log.ts";
import { must } from "./log-rules.ts";

interface SharedRow {
  readonly timestamp: number;
  readonly parentId: number | null;
  readonly eventType: string;
  readonly payload: string | null;
}

/** What must hold of the two files when all trouble is over: each row of the journal is in the shared file, once, in order. */
export function checkMirror(
  two: TwoFiles,
  copies: ReadonlySet<string>,
  { isStrict }: { readonly isStrict: boolean },
): void {
  const rows = eventsAfter(two.journal, 0, 100_000);
  must(two.shared()?.seen().behind === 0, "in the end the shared file has every row of the journal");
  must(
    new Set(rows.map(({ id }) => two.ledger.sharedIdOf(id))).size === rows.length,
    "no two rows of the journal are one row there",
  );
  two.withFile((file) => {
    const rowOf = file.prepare(
      "SELECT timestamp, parent_id AS parentId, event_type AS eventType, payload FROM events WHERE id = ?",
    );
    const timesOf = file
      .prepare("SELECT count(*) FROM events WHERE event_type = ? AND timestamp = ? AND payload IS ?")
      .pluck();
    let last = 0;
    for (const row of rows) {
      const id = two.ledger.sharedIdOf(row.id);
      const there = id === null ? undefined : (rowOf.get(id) as SharedRow | undefined);
      if (!isStrict && (there?.eventType !== row.eventType || id === null)) continue;
      must(there !== undefined && id !== null, `each row of the journal is in the shared file: ${row.eventType}`);
      checkRow(two, row, there, isStrict);
      if (row.payload?.claim !== undefined) continue;
      must(id > last || !isStrict, "the rows of the journal are in their order there");
      last = id;
      if (!isStrict || copies.has(JSON.stringify([there.eventType, there.timestamp, there.payload]))) continue;
      must(
        Number(timesOf.get(there.eventType, there.timestamp, there.payload)) === alike(two, rows, row),
        `each row of the journal is there once: ${row.eventType}`,
      );
    }
  });
}

/** How many rows of the journal say the same at the same time. */
function alike({ ledger }: TwoFiles, rows: readonly LoggedEvent[], row: LoggedEvent): number {
  const text = ({ eventType, timestamp, payload }: LoggedEvent) =>
    JSON.stringify([eventType, timestamp, translated(eventType, payload ?? {}, ledger.sharedIdOf)]);
  return rows.filter((other) => text(other) === text(row)).length;
}

function checkRow({ ledger }: TwoFiles, row: LoggedEvent, there: SharedRow, isStrict: boolean): void {
  const claim = row.payload?.claim as { readonly at: number } | undefined;
  must(there.eventType === row.eventType, "a row is there under its type");
  if (!isStrict) return;
  must(there.timestamp === (claim?.at ?? row.timestamp), "a row is there with its time");
  if (claim !== undefined) return; // it was there before
  const parentId = row.parentId === null ? null : ledger.sharedIdOf(row.parentId);
  must(there.parentId === parentId, "a row is there under its parent");
  const expected = translated(row.eventType, row.payload ?? {}, ledger.sharedIdOf);
  const found = JSON.parse(there.payload ?? "{}");
  // A worker that was not heard of before it ended is found there by its instance.
  const isFilledIn = row.eventType === "worker.exited" && expected.process_id === null;
  must(
    JSON.stringify(isFilledIn ? { ...found, process_id: null } : found) === JSON.stringify(expected),
    `a row says there what it says here: ${row.eventType}`,
  );
}
