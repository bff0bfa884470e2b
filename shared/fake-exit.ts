import type { EventPayloads } from "./event-types.ts";

/** For tests: a crash of worker 1.1 of worker:a, or what is given instead. */
export function fakeExit(change: Partial<EventPayloads["worker.exited"]> = {}): EventPayloads["worker.exited"] {
  return {
    revision: "worker:a",
    image_id: "sha256:a",
    instance: "1.1",
    process_id: null,
    class: "crash",
    exit_code: 1,
    signal: null,
    oom: false,
    uptime_seconds: 1,
    ready_seconds: null,
    error: null,
    log_tail: [],
    ...change,
  };
}
