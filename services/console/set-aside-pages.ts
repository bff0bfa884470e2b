import { type Context, Hono } from "hono";
import { type Database, sql } from "../../shared/database.ts";
import { logEvent, newestEventId } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { drop, requeue } from "../../shared/inbox.ts";
import { listMessages } from "../../shared/message-list.ts";
import { OPERATOR, operatorWrites } from "./operator-writes.ts";
import { dropPage, setAsidePage } from "./pages/set-aside/set-aside.ts";
import type { PageOf, StatePorts } from "./state-pages.ts";
import { wholeNumber } from "./whole-number.ts";

const PAGE = 50;
/** Enough of a text to know it by, before it is let go. */
const PREVIEW = 400;

/** What was done, in the words of the page that follows. */
const TOLD = {
  retried: "It is queued again.",
  dropped: "It is dropped.",
  refused: "That message is not given up any more, or its text is gone.",
} as const;
type Told = keyof typeof TOLD;

/**
 *   GET  /set-aside                what failed or was set aside; ?before=ID what came before
 *   GET  /set-aside/:id/drop       asks once more
 *   POST /messages/:id/retry, /messages/:id/drop   → 303 to the list, which says what was done
 */
export function createSetAsidePages({ state }: StatePorts, page: PageOf): Hono {
  const app = new Hono();

  app.get(
    "/set-aside",
    page("/set-aside", "Set aside", (db, c) => {
      const before = wholeNumber(c.req.query("before"));
      const found = listMessages(db, "given up", { before: before ?? Number.MAX_SAFE_INTEGER, limit: PAGE + 1 });
      const done = c.req.query("done") ?? "";
      const told = isTold(done) ? TOLD[done] : null;
      const hasOlder = found.length > PAGE;
      return setAsidePage({ messages: found.slice(0, PAGE), before, hasOlder, told, after: newestEventId(db) });
    }),
  );

  app.get(
    "/set-aside/:id/drop",
    page("/set-aside", "Set aside", (db, c) => {
      const taskId = idOf(c);
      const given = givenUp(db, taskId);
      return given && dropPage({ taskId, ...given, after: newestEventId(db) });
    }),
  );

  const carryOut = (c: Context, work: (db: Database, taskId: number) => Told) =>
    c.redirect(`/set-aside?done=${operatorWrites(state, (db) => work(db, idOf(c))) ?? "refused"}`, 303);
  app.post("/messages/:id/retry", (c) => carryOut(c, retryOnce));
  app.post("/messages/:id/drop", (c) => carryOut(c, dropOnce));
  return app;
}

function retryOnce(db: Database, taskId: number): Told {
  if (!requeue(db, taskId)) return "refused";
  logEvent(db, null, EventType.MessageRetried, { ...OPERATOR, task_id: taskId });
  return "retried";
}

/** What still waits can be dropped too, but not here: its chat has not been told anything. */
function dropOnce(db: Database, taskId: number): Told {
  if (!givenUp(db, taskId) || !drop(db, taskId)) return "refused";
  logEvent(db, null, EventType.MessageDropped, { ...OPERATOR, task_id: taskId });
  return "dropped";
}

/** The beginning of its text, and why it was given up; null when it was not, or not any more. */
function givenUp(db: Database, taskId: number): { preview: string | null; error: string | null } | null {
  const query = `SELECT substr(text, 1, ${PREVIEW}) AS preview, error FROM inbox
      WHERE id = ? AND status IN ('failed', 'set_aside')`;
  return (sql(db, query).get(taskId) as { preview: string | null; error: string | null } | undefined) ?? null;
}

function isTold(name: string): name is Told {
  return Object.hasOwn(TOLD, name);
}

function idOf(c: Context): number {
  return wholeNumber(c.req.param("id")) ?? 0;
}
