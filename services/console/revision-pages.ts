import { type Context, Hono } from "hono";
import type { Database } from "../../shared/database.ts";
import { newestEventId } from "../../shared/event-log.ts";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../shared/image-reference.ts";
import { lastWordsOf } from "../../shared/last-words.ts";
import { requestProgress } from "../../shared/request-progress.ts";
import { type RevisionTurn, revisionHistory } from "../../shared/revision-history.ts";
import { readStatus } from "../../shared/status.ts";
import { formField, operatorWrites } from "./operator-writes.ts";
import { confirmPage } from "./pages/revisions/confirm.ts";
import { revisionsPage } from "./pages/revisions/revisions.ts";
import { isWish } from "./pages/revisions/wish.ts";
import { problem } from "./problem.ts";
import type { PageOf, StatePorts } from "./state-pages.ts";
import { recordWish, rollbackTargets } from "./wish-requests.ts";

const TURNS = 20;
const MOST_TURNS = 200;
const WENT_BAD: ReadonlySet<string> = new Set(["failed", "quarantined", "halted"]);

/**
 *   GET  /revisions                  the timeline; ?older=true more of it, ?request=ID how far that request has come
 *   GET  /revisions/ask?wish&revision   asks once more
 *   POST /requests { wish, revision?, image? }  appends the request → 303 to the timeline
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
      const targets = wish === "rollback" ? rollbackTargets(db) : [];
      return confirmPage({ wish, revision, targets, after: newestEventId(db) });
    }),
  );

  app.post("/requests", async (c) => {
    const wish = await formField(c, "wish");
    const revision = await formField(c, "revision");
    const image = await formField(c, "image");
    if (!isWish(wish)) return problem(c, 400, "There is no such wish.");
    if (wish === "deploy" && !isImageReference(revision)) return problem(c, 400, NO_IMAGE_REFERENCE);
    const recorded = operatorWrites(state, (db) => recordWish(db, { wish, revision, image }));
    if (recorded === null) return problem(c, 409, "Nothing has run here yet: start the supervisor first.");
    if (recorded === "no target") return problem(c, 409, "That revision is not one to go back to any more.");
    return c.redirect(`/revisions?request=${recorded}`, 303);
  });
  return app;
}

function evidenceAgainst(db: Database, turn: RevisionTurn) {
  return WENT_BAD.has(turn.outcome.kind) ? lastWordsOf(db, turn) : null;
}
