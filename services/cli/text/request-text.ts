import type { KnownEvent } from "../../../shared/known-event.ts";
import { lastWordsIn } from "../../../shared/last-words.ts";
import type { RequestState } from "../../../shared/request-outcome.ts";
import { logLine, shortImageId } from "./event-text.ts";

export const WAITS_FOR_START = "the agent is stopped: nothing is started before lastgood start";
export const WAITS_FOR_UNHOLD = "the agent is on hold: nothing is started or stopped before lastgood unhold";

/**
 * What to tell someone who waits about an event on the way, or null when it is not about their request.
 * @param probationSeconds how long the last probation took, which is how long this one will; null before the first
 */
export function progressLine(state: RequestState, event: KnownEvent, probationSeconds: number | null): string | null {
  if (state.kind === "rejected") return null;
  const delay = delayLine(event);
  if (delay !== null || state.kind === "asked") return delay;
  const { eventType, payload } = event;
  switch (eventType) {
    case "deploy.started":
      return `accepted: ${payload.revision} is ${shortImageId(payload.image_id)}`;
    case "rollback.started":
      return `going back from ${payload.from_revision} to ${payload.target_revision} (${shortImageId(payload.image_id)})`;
    case "worker.stopping":
      return `stopping worker ${payload.instance}: ${payload.reason}`;
    case "worker.exited":
      return `worker ${payload.instance} of ${payload.revision} exited: ${payload.class}${exitDetail(payload)}`;
    case "worker.spawned":
      return `started worker ${payload.instance} of ${payload.revision}`;
    case "worker.ready":
      if (state.kind !== "accepted") return "the worker is ready";
      return `the worker is ready, and on probation${probationSeconds === null ? "" : ` for about ${Math.round(probationSeconds)} s`}`;
    case "restart.scheduled":
      return `restarting in ${Math.round(payload.delay_ms / 1000)} s (attempt ${payload.attempt})`;
    case "crash_loop.detected":
      return `crash loop of ${payload.revision}`;
    default:
      return null;
  }
}

/** What a worker that ended by itself last said, below the line that tells of its end. */
export function lastWordLines({ eventType, payload }: KnownEvent): string[] {
  if (eventType !== "worker.exited" || payload.error !== null) return [];
  return lastWordsIn(payload).map((line) => `  ${logLine(line)}`);
}

/** What any request waits for, whoever asked for it meanwhile. */
function delayLine({ eventType, payload }: KnownEvent): string | null {
  switch (eventType) {
    case "stop.requested":
      return WAITS_FOR_START;
    case "hold.requested":
      return WAITS_FOR_UNHOLD;
    case "docker.unavailable":
      return `the engine cannot be reached: ${payload.reason}`;
    case "upstream.unavailable":
      return `${payload.upstream} cannot be reached, and no deadline runs meanwhile: ${payload.reason}`;
    default:
      return null;
  }
}

function exitDetail(exit: (KnownEvent & { eventType: "worker.exited" })["payload"]): string {
  const detail = exit.error ?? exit.signal ?? (exit.exit_code === null ? null : `code ${exit.exit_code}`);
  return detail === null ? "" : ` (${detail})`;
}
