import { join } from "node:path";
import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { type EventPayloads, EventType } from "../../../shared/event-types.ts";
import { totalsOf } from "../../../shared/totals.ts";
import { nextBatch } from "./archivable.ts";
import { openArchive, storeSlice } from "./archive-file.ts";
import { idRanges } from "./id-ranges.ts";
import { digestOf, idsOf, type Rows, readSlice, type Slice } from "./slice.ts";

export interface Mover {
  readonly db: Database;
  readonly stateDir: string;
  /** Only what is older moves; Unix milliseconds. */
  readonly before: number;
  readonly by: string;
}

export interface Moved extends Pick<EventPayloads["log.archived"], "file" | "count" | "messages"> {
  /** Up to here everything was looked at. */
  readonly lastId: number;
}

/**
 * Moves the next messages after an id: written to the archive and verified there; then recorded and deleted in one
 * transaction. Whoever dies between the two leaves them in both places, and the next run knows them again. Null when
 * nothing is left to move.
 */
export function moveNextSlice(mover: Mover, after: number): Moved | null {
  const { db, stateDir, before } = mover;
  const batch = nextBatch(db, after, before);
  if (!batch) return null;
  const { file, messageIds, lastId } = batch;
  const slice = readSlice(db, messageIds);
  const archive = openArchive(join(stateDir, file), db);
  try {
    storeSlice(archive, slice);
  } finally {
    archive.close();
  }
  db.pragma("secure_delete = ON"); // or what is forgotten later could still be read from pages that were freed here
  const left = inTransaction(db, () => letGo(mover, file, slice));
  return left ? { ...left, lastId } : { file, count: 0, messages: 0, lastId: after };
}

/** Null, and nothing is done, when any of it has changed since it was read. */
function letGo({ db, by }: Mover, file: string, slice: Slice): Omit<Moved, "lastId"> | null {
  const messageIds = idsOf(slice.messages);
  const sha256 = digestOf(slice);
  if (digestOf(readSlice(db, messageIds)) !== sha256) return null;
  const eventIds = idsOf(slice.events);
  const told = { file, count: eventIds.length, messages: messageIds.length };
  logEvent(db, null, EventType.LogArchived, {
    by,
    ...told,
    from: eventIds[0] ?? null,
    to: eventIds.at(-1) ?? null,
    ranges: idRanges(eventIds),
    sha256,
    totals: totalsOf(
      slice.events.map(({ event_type, payload }) => ({
        eventType: String(event_type),
        payload: payload === null ? null : JSON.parse(String(payload)),
      })),
      slice.messages.map(({ status }) => String(status)),
    ),
  });
  sql(db, `UPDATE history SET inbox_id = NULL WHERE inbox_id IN (SELECT value FROM json_each(?))`).run(
    JSON.stringify(messageIds),
  );
  remove(db, "events", slice.events);
  remove(db, "inbox", slice.messages);
  return told;
}

function remove(db: Database, table: "events" | "inbox", rows: Rows): void {
  const statement = sql(db, `DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`);
  const { changes } = statement.run(JSON.stringify(idsOf(rows)));
  if (changes !== rows.length) throw new Error(`${changes} of ${rows.length} rows of ${table} were deleted`);
}
