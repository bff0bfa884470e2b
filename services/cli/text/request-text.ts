import type { KnownEvent } from "../../../shared/known-event.ts";
import type { RequestState } from "../../../shared/request-outcome.ts";
import { shortImageId } from "./event-text.ts";

/** What to tell someone who waits about an event on the way, or null when it is not about their request. */
export function progressLine(state: RequestState, event: KnownEvent): string | null {
  if (state.kind === "asked" || state.kind === "rejected") return null;
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
      return state.kind === "accepted" ? "the worker is ready, and on probation" : "the worker is ready";
    case "restart.scheduled":
      return `restarting in ${Math.round(payload.delay_ms / 1000)} s (attempt ${payload.attempt})`;
    case "crash_loop.detected":
      return `crash loop of ${payload.revision}`;
    default:
      return null;
  }
}

function exitDetail(exit: (KnownEvent & { eventType: "worker.exited" })["payload"]): string {
  const detail = exit.error ?? exit.signal ?? (exit.exit_code === null ? null : `code ${exit.exit_code}`);
  return detail === null ? "" : ` (${detail})`;
}
