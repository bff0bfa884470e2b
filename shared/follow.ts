import type { Database } from "./database.ts";
import { watchDatabase } from "./database-watch.ts";
import { eventsAfter, type LoggedEvent } from "./event-log.ts";

/** Read page by page: an iterator left open over the log would pin the WAL. */
const PAGE = 500;

/** Every event after an id, in order, and then each new one as it is committed, until `signal` aborts. */
export async function* followEvents(db: Database, afterId: number, signal: AbortSignal): AsyncGenerator<LoggedEvent> {
  for await (const page of followPages(db, afterId, signal)) yield* page;
}

/** The same, as they are found: one page for what was committed since the last. */
export async function* followPages(
  db: Database,
  afterId: number,
  signal: AbortSignal,
): AsyncGenerator<readonly LoggedEvent[]> {
  const ended = new AbortController();
  const changes = createChanges();
  const watching = AbortSignal.any([signal, ended.signal]);
  watching.addEventListener("abort", changes.note);
  watchDatabase(db, changes.note, watching);
  try {
    for (let last = afterId; !signal.aborted; ) {
      const page = eventsAfter(db, last, PAGE);
      last = page.at(-1)?.id ?? last;
      if (page.length > 0) yield page;
      else await changes.next();
    }
  } finally {
    ended.abort();
  }
}

/** Remembers one change until it is waited for. */
function createChanges() {
  let { promise, resolve } = Promise.withResolvers<void>();
  return {
    note: () => resolve(),
    async next() {
      await promise;
      ({ promise, resolve } = Promise.withResolvers<void>());
    },
  };
}

/** The first event after an id for which `matches` holds; null when `signal` aborts before it comes. */
export async function nextEvent(
  db: Database,
  afterId: number,
  matches: (event: LoggedEvent) => boolean,
  signal: AbortSignal,
): Promise<LoggedEvent | null> {
  for await (const event of followEvents(db, afterId, signal)) if (matches(event)) return event;
  return null;
}
