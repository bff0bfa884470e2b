import type { Clock } from "../../shared/clock.ts";
import { watchDatabase } from "../../shared/database-watch.ts";
import type { Logger } from "../../shared/logging.ts";
import { decide, type Rest } from "./decide.ts";
import { observe, type Watched } from "./observe.ts";
import { type Performer, perform } from "./perform.ts";

export type Ports = Watched & Performer & { readonly log: Logger };

/**
 * Settles what there is to do, waits for a hint or a deadline, and looks again. Hints are lossy, so it also looks every
 * `reconcileMs`. Resolves when `signal` has aborted and the worker is dealt with as the policy says; rejects when the
 * engine fails.
 */
export async function runControlLoop(ports: Ports, reconcileMs: number, signal: AbortSignal): Promise<void> {
  const hints = new AbortController();
  const bell = createBell(ports.clock);
  ports.runtime.watch(bell.ring, hints.signal);
  watchDatabase(ports.db, bell.ring, hints.signal);
  signal.addEventListener("abort", bell.ring);
  for (let booting = true; ; booting = false) {
    bell.hush();
    const rest = await settle(ports, booting, signal);
    if (rest.kind === "leave") break;
    if (booting && rest.why) ports.log.warn(rest.why);
    await bell.wait(Math.min((rest.until ?? Number.POSITIVE_INFINITY) - ports.clock.now(), reconcileMs));
  }
  hints.abort();
}

/** Observes, decides on one step and performs it, until there is nothing to do for now. */
export async function settle(ports: Ports, booting: boolean, signal: AbortSignal): Promise<Rest> {
  for (;;) {
    const step = decide(await observe(ports, { booting, leaving: signal.aborted }), ports.policy);
    if (step.kind === "wait" || step.kind === "leave") return step;
    ports.log.debug({ step: step.kind }, "step");
    await perform(ports, step);
  }
}

/** A ring while nobody waits is kept, so that what changes during a step is looked at after it. */
function createBell(clock: Clock) {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    hush: () => {
      if (rung.signal.aborted) rung = new AbortController();
    },
    wait: (ms: number) => clock.sleep(ms, rung.signal),
  };
}
