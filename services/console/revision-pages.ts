import { type Context, Hono } from "hono";
import type { Database } from "../../shared/database.ts";
import { logEvent, newestEventId } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../shared/image-reference.ts";
import { lastWordsOf } from "../../shared/last-words.ts";
import { requestProgress } from "../../shared/request-progress.ts";
import { type RevisionTurn, revisionHistory } from "../../shared/revision-history.ts";
import { readStatus } from "../../shared/status.ts";
import { formField, OPERATOR, operatorWrites } from "./operator-writes.ts";
import { confirmPage } from "./pages/revisions/confirm.ts";
import { revisionsPage } from "./pages/revisions/revisions.ts";
import { isWish, type Wish } from "./pages/revisions/wish.ts";
import { problem } from "./problem.ts";
import type { PageOf, StatePorts } from "./state-pages.ts";

const TURNS = 20;
const MOST_TURNS = 200;
const WENT_BAD: ReadonlySet<string> = new Set(["failed", "quarantined", "halted"]);

/**
 *   GET  /revisions                  the timeline; ?older=true more of it, ?request=ID how far that request has come
 *   GET  /revisions/ask?wish&revision   asks once more
 *   POST /requests { wish, revision? }  appends the request → 303 to the timeline
 */
export function createRevisionPages({ state, clock }: StatePorts, page: PageOf): Hono {
  const app = new Hono();
  const readRevisions = (db: Database, c: Context, problem: string | null) => {
    const limit = c.req.query("older") === undefined ? TURNS : MOST_TURNS;
    const turns = revisionHistory(db, limit);
    return revisionsPage({
      status: readStatus(db, clock.now()),
      turns: turns.map((turn) => ({ turn, lastWords: evidenceAgainst(db, turn) })),
      hasOlder: turns.length === TURNS,
      request: requestProgress(db, Number(c.req.query("request") ?? 0)),
      problem,
      given: c.req.query("revision") ?? "",
      after: newestEventId(db),
    });
  };

  app.get(
    "/revisions",
    page("/revisions", "Revisions", (db, c) => readRevisions(db, c, null)),
  );

  app.get(
    "/revisions/ask",
    page("/revisions", "Revisions", (db, c) => {
      const wish = c.req.query("wish") ?? "";
      if (!isWish(wish)) return null;
      const revision = wish === "deploy" ? (c.req.query("revision") ?? "").trim() : null;
      if (revision !== null && !isImageReference(revision)) return readRevisions(db, c, NO_IMAGE_REFERENCE);
      return confirmPage({ wish, revision, after: newestEventId(db) });
    }),
  );

  app.post("/requests", async (c) => {
    const wish = await formField(c, "wish");
    const revision = await formField(c, "revision");
    if (!isWish(wish)) return problem(c, 400, "There is no such wish.");
    if (wish === "deploy" && !isImageReference(revision)) return problem(c, 400, NO_IMAGE_REFERENCE);
    const requestId = operatorWrites(state, (db) => record(db, wish, revision));
    return requestId === null
      ? problem(c, 409, "Nothing has run here yet: start the supervisor first.")
      : c.redirect(`/revisions?request=${requestId}`, 303);
  });
  return app;
}

function evidenceAgainst(db: Database, turn: RevisionTurn) {
  return WENT_BAD.has(turn.outcome.kind) ? lastWordsOf(db, turn) : null;
}

function record(db: Database, wish: Wish, revision: string): number {
  switch (wish) {
    case "deploy":
      return logEvent(db, null, EventType.DeployRequested, { ...OPERATOR, revision });
    case "rollback":
      return logEvent(db, null, EventType.RollbackRequested, { ...OPERATOR, revision: null });
    case "stop":
      return logEvent(db, null, EventType.StopRequested, OPERATOR);
    case "start":
      return logEvent(db, null, EventType.StartRequested, OPERATOR);
    case "hold":
      return logEvent(db, null, EventType.HoldRequested, OPERATOR);
    case "unhold":
      return logEvent(db, null, EventType.UnholdRequested, OPERATOR);
  }
}
