import { deadline } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { HELD_REVISIONS } from "../../shared/held-revisions.ts";
import { followAnswer } from "../../shared/requests/follow-answer.ts";
import { asRequest, type OperatorRequest } from "../../shared/requests/request-file.ts";
import { goodRevisions, type Revision, wantedRevision } from "../../shared/state.ts";
import { OPERATOR } from "./operator-writes.ts";
import type { Wish } from "./pages/revisions/wish.ts";
import { readLog, type StateReader } from "./state-reader.ts";

/** What was sent by the form. */
export interface Wished {
  readonly wish: Wish;
  readonly revision: string;
  readonly image: string;
}

/** The good revisions that are held, but for the one that is to run anyway; the newest first. */
export function rollbackTargets(db: Database): Revision[] {
  const wanted = wantedRevision(db)?.imageId;
  return goodRevisions(db, HELD_REVISIONS).filter(({ imageId }) => imageId !== wanted);
}

/** The request of a wish; null when it is for an image that cannot be gone back to. */
export function requestOf({ wish, revision, image }: Wished, state: StateReader): OperatorRequest | null {
  if (wish === "deploy") return checked({ type: "deploy.requested", payload: { ...OPERATOR, revision } });
  if (wish === "rollback") return rollbackTo(image, state);
  return { type: `${wish}.requested`, payload: OPERATOR };
}

/** Back to the image that was chosen, or where there was nothing to choose from, to what the supervisor finds. */
function rollbackTo(image: string, state: StateReader): OperatorRequest | null {
  if (image === "") return { type: "rollback.requested", payload: { ...OPERATOR, revision: null } };
  const seen = readLog(state, rollbackTargets);
  // Where the log cannot be read the supervisor alone knows which image is good; it looks in any case.
  const target = seen.kind === "read" ? seen.value.find(({ imageId }) => imageId === image) : { revision: null };
  if (!target) return null;
  const payload = { ...OPERATOR, revision: target.revision, image_id: image };
  return checked({ type: "rollback.requested", payload });
}

function checked(value: unknown): OperatorRequest | null {
  const request = asRequest(value);
  return "problem" in request ? null : request;
}

/** A browser waits for so long without a doubt. */
const ANSWER_PATIENCE_MS = 2000;

/** Under which id a request has arrived in the log; null when that is not known soon, or when it could not be taken. */
export async function arrivedAs(directory: string, id: string, signal: AbortSignal): Promise<number | null> {
  for await (const { eventId, problem } of followAnswer(directory, id, deadline(ANSWER_PATIENCE_MS, signal))) {
    if (eventId !== null) return eventId;
    if (problem !== undefined) break;
  }
  return null;
}
