import { type Context, Hono } from "hono";
import type { Database } from "../../shared/database.ts";
import { newestEventId } from "../../shared/event-log.ts";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../shared/image-reference.ts";
import { lastWordsOf } from "../../shared/last-words.ts";
import { requestProgress } from "../../shared/request-progress.ts";
import { readAnswer } from "../../shared/requests/answers.ts";
import { putRequest } from "../../shared/requests/put-request.ts";
import { statusAsTold } from "../../shared/requests/status-as-told.ts";
import { supervisorRuns } from "../../shared/requests/supervisor-view.ts";
import { ULID } from "../../shared/requests/take-requests.ts";
import { type RevisionTurn, revisionHistory } from "../../shared/revision-history.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { formField } from "./operator-writes.ts";
import type { Html } from "./pages/layout.ts";
import { confirmPage } from "./pages/revisions/confirm.ts";
import { askedNote, progressNote } from "./pages/revisions/request-note.ts";
import { revisionsPage } from "./pages/revisions/revisions.ts";
import { isWish } from "./pages/revisions/wish.ts";
import { revisionsWithoutLog } from "./pages/revisions/without-log.ts";
import { problem } from "./problem.ts";
import type { PageOf, StatePorts } from "./state-pages.ts";
import { readLog } from "./state-reader.ts";
import { arrivedAs, requestOf, rollbackTargets } from "./wish-requests.ts";

const TURNS = 20;
const MOST_TURNS = 200;
const WENT_BAD: ReadonlySet<string> = new Set(["failed", "quarantined", "halted"]);
const A_ULID = new RegExp(`^${ULID}$`);

/**
 *   GET  /revisions                  the timeline; ?older=true more of it; how far a request has come, by the log:
 *                                    ?request=ID, or while it has not arrived there, by the supervisor's answer: ?asked=ULID
 *   GET  /revisions/ask?wish&revision   asks once more
 *   POST /requests { wish, revision?, image? }  puts the request where the supervisor takes it → 303 to the timeline
 */
export function createRevisionPages({ state, clock, requestsDir }: StatePorts, page: PageOf): Hono {
  const app = new Hono();
  const asked = (c: Context): Html | null => {
    const id = c.req.query("asked") ?? "";
    return A_ULID.test(id) ? askedNote(readAnswer(requestsDir, id), supervisorRuns(requestsDir)) : null;
  };
  const readRevisions = (db: Database, c: Context, problem: string | null) => {
    const limit = c.req.query("older") === undefined ? TURNS : MOST_TURNS;
    const turns = revisionHistory(db, limit);
    const progress = requestProgress(db, Number(c.req.query("request") ?? 0));
    return revisionsPage({
      status: statusAsTold(db, requestsDir, clock.now()),
      turns: turns.map((turn) => ({ turn, lastWords: evidenceAgainst(db, turn) })),
      hasOlder: turns.length === TURNS,
      request: progress ? progressNote(progress) : asked(c),
      isAsked: c.req.query("asked") !== undefined,
      problem,
      given: c.req.query("revision") ?? "",
      after: newestEventId(db),
    });
  };

  app.get(
    "/revisions",
    page(
      "/revisions",
      "Revisions",
      (db, c) => readRevisions(db, c, null),
      (told, c) => revisionsWithoutLog(told, asked(c)),
    ),
  );

  app.get("/revisions/ask", (c) => {
    const wish = c.req.query("wish") ?? "";
    if (!isWish(wish)) return c.notFound();
    const revision = wish === "deploy" ? (c.req.query("revision") ?? "").trim() : null;
    if (revision !== null && !isImageReference(revision)) {
      const again = readLog(state, (db) => readRevisions(db, c, NO_IMAGE_REFERENCE));
      return again.kind === "read" ? c.html(again.value) : problem(c, 400, NO_IMAGE_REFERENCE);
    }
    const seen = readLog(state, (db) => ({
      targets: wish === "rollback" ? rollbackTargets(db) : [],
      after: newestEventId(db),
    }));
    const { targets, after } = seen.kind === "read" ? seen.value : { targets: [], after: null };
    return c.html(confirmPage({ wish, revision, targets, after }));
  });

  app.post("/requests", async (c) => {
    const wish = await formField(c, "wish");
    const revision = await formField(c, "revision");
    const image = await formField(c, "image");
    if (!isWish(wish)) return problem(c, 400, "There is no such wish.");
    if (wish === "deploy" && !isImageReference(revision)) return problem(c, 400, NO_IMAGE_REFERENCE);
    const request = requestOf({ wish, revision, image }, state);
    if (!request) return problem(c, 409, "That revision is not one to go back to any more.");
    try {
      const id = putRequest(requestsDir, request);
      const eventId = await arrivedAs(requestsDir, id, c.req.raw.signal);
      return c.redirect(eventId === null ? `/revisions?asked=${id}` : `/revisions?request=${eventId}`, 303);
    } catch (error) {
      if (error instanceof SetupError) return problem(c, 409, error.message);
      throw error;
    }
  });
  return app;
}

function evidenceAgainst(db: Database, turn: RevisionTurn) {
  return WENT_BAD.has(turn.outcome.kind) ? lastWordsOf(db, turn) : null;
}
