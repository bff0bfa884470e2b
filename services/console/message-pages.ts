import { type Context, Hono } from "hono";
import type { Database } from "../../shared/database.ts";
import { eventById, newestEventId } from "../../shared/event-log.ts";
import { listMessages, OUTCOMES, type Outcome } from "../../shared/message-list.ts";
import { eventsUnder, readStory } from "../../shared/message-story.ts";
import { messageTexts, wholeText } from "../../shared/message-texts.ts";
import { unansweredByStatus } from "../../shared/status.ts";
import { type MessagePage, messagesPage } from "./pages/messages/list.ts";
import { messagePage } from "./pages/messages/message.ts";
import { type Span, spansOf } from "./pages/messages/spans.ts";
import type { PageOf, StatePorts } from "./state-pages.ts";
import { wholeNumber } from "./whole-number.ts";

/** A page of the list: a story is read for each. */
const PAGE = 30;
/** More of a text slows a page that renews itself; the whole is one step away. */
const LONGEST_TEXT = 8_000;

export function createMessagePages({ state, clock }: StatePorts, page: PageOf): Hono {
  const app = new Hono();

  app.get(
    "/messages",
    page("/messages", "Messages", (db, c) => {
      const outcome: Outcome = OUTCOMES.find((name) => name === c.req.query("outcome")) ?? "all";
      const before = wholeNumber(c.req.query("before"));
      const found = listMessages(db, outcome, { before: before ?? Number.MAX_SAFE_INTEGER, limit: PAGE + 1 });
      const messages = found.slice(0, PAGE).map((listed) => ({ listed, story: readStory(db, listed.taskId) }));
      const counts = countsOf(unansweredByStatus(db));
      return messagesPage({
        outcome,
        counts,
        messages,
        before,
        hasOlder: found.length > PAGE,
        after: newestEventId(db),
      });
    }),
  );

  app.get(
    "/messages/:id",
    page("/messages", "Message", (db, c) => {
      const story = readStory(db, idOf(c));
      if (!story) return null;
      const texts = messageTexts(db, story.taskId, LONGEST_TEXT);
      const spans = story.attempts.flatMap((attempt) => spansOfAttempt(db, attempt));
      return messagePage({ story, texts, spans, after: newestEventId(db) }, clock.now());
    }),
  );

  app.get("/messages/:id/texts/:text", (c) => {
    const seen = state.open();
    const text = seen.kind === "open" ? wholeText(seen.db, idOf(c), wholeNumber(c.req.param("text"))) : null;
    return text === null ? c.notFound() : c.text(text);
  });
  return app;
}

/** Of what is over the most has ended well, and counting that would take longer with every message. */
function countsOf(statuses: Readonly<Record<string, number>>): MessagePage["counts"] {
  const { queued = 0, in_progress: thinking = 0, replying = 0, failed = 0, set_aside: aside = 0 } = statuses;
  return { waiting: queued + thinking + replying, failed, "set aside": aside };
}

function spansOfAttempt(db: Database, attempt: number): Span[] {
  const root = eventById(db, attempt);
  return root ? spansOf([root, ...eventsUnder(db, attempt)]) : [];
}

function idOf(c: Context): number {
  return wholeNumber(c.req.param("id")) ?? 0;
}
