import type { Context } from "hono";
import type { SSEStreamingApi } from "hono/streaming";
import { systemClock } from "../../shared/clock.ts";
import { type Database, sql } from "../../shared/database.ts";
import { watchDatabase } from "../../shared/database-watch.ts";
import { newestEventId } from "../../shared/event-log.ts";
import { BOUNDED_PAYLOAD, KNOWN_ID } from "../../shared/stored-payload.ts";
import { serverSentEvents } from "./server-sent-events.ts";
import type { StateReader } from "./state-reader.ts";

/** How soon a page that was opened before the database notices that it is there. */
const LOOK_FOR_IT_MS = 500;
/** Proxies close a stream that is silent for a minute or so. */
const KEEP_ALIVE_MS = 20_000;
/** Read page by page: an iterator left open over the log would pin the WAL. */
const PAGE = 500;

/** A page of events as it is sent, in one text by SQLite: JavaScript would make a few objects of each. */
const IN_WIRE = `
  SELECT count(*) AS count, max(id) AS last,
         group_concat(format('id: %d\ndata: %s\n\n', id, json_object('id', id, 'timestamp', timestamp,
           'parent_id', parent_id, 'event_type', event_type, 'payload', json(CASE ${BOUNDED_PAYLOAD} WHEN '' THEN '{"unreadable":true}' ELSE payload END))), '' ORDER BY id) AS text
    FROM (SELECT * FROM events WHERE id > ? AND ${KNOWN_ID} ORDER BY id LIMIT ?)`;

interface Page {
  readonly count: number;
  readonly last: number | null;
  readonly text: string | null;
}

/**
 * The log as server-sent events:
 *
 *   id: <event id>, data: { id, timestamp, parent_id, event_type, payload }   each event, in order
 *   event: changed   something was written that is no event, such as a message that arrived; or the log was restored
 *
 * It begins after `Last-Event-ID`, else after `?after=`, else at the end: who comes back misses nothing and reads
 * nothing twice.
 */
export function createEventStream(state: StateReader, stopping: AbortSignal) {
  return (c: Context) => {
    const follow = async (stream: SSEStreamingApi, signal: AbortSignal) => {
      const db = await whenThere(stream, state, signal);
      if (!db) return;
      const isThere = () => isSame(state, db);
      await tell(stream, { db, isThere, after: startOf(c, newestEventId(db)) }, signal);
    };
    return serverSentEvents(c, follow, stopping);
  };
}

async function whenThere(stream: SSEStreamingApi, state: StateReader, signal: AbortSignal): Promise<Database | null> {
  let seen = state.open();
  if (seen.kind === "open") return seen.db;
  while (!signal.aborted) {
    await systemClock.sleep(LOOK_FOR_IT_MS, signal);
    seen = state.open();
    if (seen.kind === "absent") continue;
    await changed(stream);
    return seen.db;
  }
  return null;
}

function isSame(state: StateReader, db: Database): boolean {
  const seen = state.open();
  return seen.kind === "open" && seen.db === db;
}

interface Told {
  readonly db: Database;
  /** Whether it is still what lies there. Whoever reads a log that was replaced is sent away, and comes back to the new one. */
  readonly isThere: () => boolean;
  readonly after: number;
}

async function tell(stream: SSEStreamingApi, { db, isThere, after }: Told, signal: AbortSignal): Promise<void> {
  const changes = watchChanges(db, signal);
  await stream.write(": here\n\n"); // the reader knows that it is connected before there is any event
  for (let last = after; ; ) {
    const isWritten = await changes.since();
    if (signal.aborted) return;
    if (!isThere()) return changed(stream);
    const page = sql(db, IN_WIRE).get(last, PAGE) as Page;
    last = page.last ?? last;
    if (page.text !== null) await stream.write(page.text);
    if (page.count === PAGE) changes.note();
    if (page.count > 0) continue;
    last = Math.min(last, newestEventId(db)); // a backup was restored: ids go on from there
    if (isWritten) await changed(stream);
    else await stream.write(": alive\n\n");
  }
}

function changed(stream: SSEStreamingApi): Promise<void> {
  return stream.writeSSE({ event: "changed", data: "" });
}

/** Remembers one change until it is waited for; the first is that there is something to read at all. */
function watchChanges(db: Database, signal: AbortSignal) {
  let { promise, resolve } = Promise.withResolvers<true>();
  const note = () => resolve(true);
  note();
  watchDatabase(db, note, signal);
  return {
    note,
    /** Whether something was written; false when nothing was for so long that the reader is to be told that we live. */
    async since(): Promise<boolean> {
      const waited = new AbortController();
      const either = AbortSignal.any([signal, waited.signal]);
      const isWritten = await Promise.race([promise, systemClock.sleep(KEEP_ALIVE_MS, either).then(() => false)]);
      waited.abort();
      if (isWritten) ({ promise, resolve } = Promise.withResolvers<true>());
      return isWritten;
    },
  };
}

/** An id above the newest is from a database that is gone. */
function startOf(c: Context, newest: number): number {
  const given = c.req.header("last-event-id") ?? c.req.query("after") ?? "";
  return /^\d{1,15}$/.test(given) ? Math.min(Number(given), newest) : newest;
}
