/** Touched every 5 s by a worker that gets on. */
export const HEARTBEAT_FRESH_MS = 20_000;

/** What has to hold for messages to be answered. */
export interface Readiness {
  readonly supervisorRuns: boolean;
  /** Why the supervisor tries no more, null when it does. */
  readonly halted: string | null;
  /** An operator wants nothing to run. */
  readonly stopped: boolean;
  readonly worker: "none" | "not ready" | "ready";
  /** Null when there is no heartbeat at all. */
  readonly heartbeatAgeMs: number | null;
}

/** Every reason why messages are not answered at the moment; none when they are. */
export function whyNotReady({ supervisorRuns, halted, stopped, worker, heartbeatAgeMs }: Readiness): string[] {
  const reasons: string[] = [];
  if (!supervisorRuns) reasons.push("no supervisor runs on this volume");
  if (halted !== null) reasons.push(`the supervisor has halted: ${halted}`);
  if (stopped) reasons.push("an operator stopped the worker");
  if (worker === "none") reasons.push("no worker runs");
  if (worker === "not ready") reasons.push("the worker is not ready yet");
  if (worker === "ready" && heartbeatAgeMs === null) reasons.push("the worker has no heartbeat");
  if (worker === "ready" && heartbeatAgeMs !== null && heartbeatAgeMs > HEARTBEAT_FRESH_MS) {
    reasons.push(`the worker's heartbeat has not moved for ${Math.round(heartbeatAgeMs / 1000)} s`);
  }
  return reasons;
}
