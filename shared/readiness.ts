/** Touched every 5 s by a worker that gets on. */
export const HEARTBEAT_FRESH_MS = 20_000;

/** What has to hold for messages to be answered. */
export interface Readiness {
  readonly supervisorRuns: boolean;
  /** Why the supervisor tries no more, null when it does. */
  readonly halted: string | null;
  /** An operator wants nothing to run. */
  readonly stopped: boolean;
  /** An operator wants nothing to be done by itself. */
  readonly onHold: boolean;
  readonly worker: "none" | "not ready" | "ready";
  /** How the newest worker ended, null while it runs. */
  readonly lastExit: string | null;
  /** Which upstream the worker cannot reach, and why; null while it reaches all, and while none runs. */
  readonly cutOff: string | null;
  /** Null when there is no heartbeat at all. */
  readonly heartbeatAgeMs: number | null;
}

/** Every reason why messages are not answered at the moment; none when they are. */
export function whyNotReady(seen: Readiness): string[] {
  const { supervisorRuns, halted, stopped, onHold, worker, lastExit, cutOff, heartbeatAgeMs } = seen;
  const reasons: string[] = [];
  if (!supervisorRuns) reasons.push("no supervisor runs on this volume");
  if (halted !== null) reasons.push(`the supervisor has halted: ${halted}`);
  if (stopped) reasons.push("an operator stopped the worker");
  if (worker === "none")
    reasons.push(lastExit === null ? "no worker runs" : `no worker runs; the last one's end: ${lastExit}`);
  if (worker === "none" && onHold) reasons.push("on hold: none is started until an operator ends it");
  if (worker === "not ready") reasons.push("the worker is not ready yet");
  if (cutOff !== null) reasons.push(`the worker is cut off from ${cutOff}`);
  if (worker === "ready" && heartbeatAgeMs === null) reasons.push("the worker has no heartbeat");
  if (worker === "ready" && heartbeatAgeMs !== null && heartbeatAgeMs > HEARTBEAT_FRESH_MS) {
    reasons.push(`the worker's heartbeat has not moved for ${Math.round(heartbeatAgeMs / 1000)} s`);
  }
  return reasons;
}
