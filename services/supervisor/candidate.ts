import type { Revision } from "../../shared/state.ts";
import type { Candidate, Observation } from "./observation.ts";
import type { Action } from "./step.ts";
import type { CheckContainer } from "./worker-runtime.ts";

/** A check reads its settings, its libraries and the schema; on a machine that is busy with all else that takes a while. */
export const CHECK_TIMEOUT_MS = 60_000;
/** Below this the database itself is about to fail. */
const LEAST_FREE_BYTES = 200 * 1024 * 1024;

/**
 * The next step towards the answer to a deploy; null while there is only to wait. Until it is accepted the running
 * worker never notices:
 *
 *   no image ─ pull ─▶ image here ─ room? ─▶ check runs ─ exits 0 ─▶ accepted
 *      └─ pull fails      └─ disk full         │  └─ exits with anything else, or takes too long ─▶ rejected
 *                                              └─ was cut short, or stopped by somebody else ─▶ begun again
 */
export function considerDeploy(candidate: Candidate, check: CheckContainer | null, seen: Observation): Action | null {
  const { request, image, pull, freeBytes } = candidate;
  const reject = (reason: string): Action => ({ kind: "reject deploy", request, reason });
  if (!image) {
    if (pull.kind === "running") return null;
    if (pull.kind === "none") return { kind: "pull", reference: request.revision ?? "" };
    return reject(`no image is called ${request.revision} here, and it cannot be pulled: ${pull.reason}`);
  }
  if (isRunning(image, seen)) return reject(`${image.revision} is running already`);
  if (freeBytes < LEAST_FREE_BYTES) return reject("less than 200 MB are free on the state volume: free some space");
  if (!check) return { kind: "start check", request, image };
  if (check.imageId !== image.imageId) return beginAgain(check, "the tag means another image by now");
  if (check.state.kind === "exited") {
    if (check.state.exitCode === 0) return { kind: "accept deploy", request, image };
    if (check.signalled) return beginAgain(check, "somebody else stopped it, which says nothing about the image");
    return { kind: "reject checked deploy", request, check };
  }
  if (check.state.kind === "created") {
    if (check.state.error !== null) return reject(check.state.error);
    return beginAgain(check, "it was created and never started");
  }
  if (seen.now - check.createdAt < CHECK_TIMEOUT_MS) return null;
  return reject(`its check took longer than ${CHECK_TIMEOUT_MS / 1000} s`);
}

/** With it gone, the next look begins one. */
function beginAgain({ id }: CheckContainer, why: string): Action {
  return { kind: "remove", containerId: id, why };
}

/** Whether a revision is what runs, and is ready. */
export function isRunning({ imageId }: Revision, { wanted, worker, container }: Observation): boolean {
  return (
    wanted?.imageId === imageId &&
    container?.state.kind === "running" &&
    worker?.imageId === imageId &&
    worker.readyAt !== null
  );
}
