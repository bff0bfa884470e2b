import { EventType } from "../../shared/event-types.ts";
import type { Logger } from "../../shared/logging.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { rejectRequest } from "./answer.ts";
import type { Bell } from "./bell.ts";
import { decide } from "./decide.ts";
import type { Observation } from "./observation.ts";
import { observe, type Watched } from "./observe.ts";
import type { OperatorRequests } from "./operator-requests.ts";
import { perform } from "./perform.ts";
import type { Performer } from "./performer.ts";
import type { Action, Rest } from "./step.ts";

export type Ports = Watched &
  Performer & { readonly log: Logger; readonly bell: Bell; readonly requests: Pick<OperatorRequests, "take"> };

export interface Patience {
  /** Hints are lossy, so without any it looks again after this. */
  readonly reconcileMs: number;
  /** A socket that was mounted goes stale after some upgrades of the engine; only a restart mounts it anew. */
  readonly engineMs: number;
}

/**
 * Settles what there is to do, waits for a hint or a deadline, and looks again. Resolves when `signal` has aborted and
 * the worker is dealt with as the policy says; rejects with a SetupError when the engine stays away for too long.
 */
export async function runControlLoop(ports: Ports, patience: Patience, signal: AbortSignal): Promise<void> {
  const hints = new AbortController();
  const { bell } = ports;
  ports.runtime.watch(bell.ring, hints.signal);
  signal.addEventListener("abort", bell.ring);
  let told: string | undefined;
  for (let booting = true; ; booting = false) {
    bell.hush();
    const rest = await settleThroughOutages(ports, { booting, patienceMs: patience.engineMs }, signal);
    if (rest.kind === "leave") break;
    if (rest.why && rest.why !== told) ports.log.warn(rest.why);
    told = rest.why;
    const untilMs = (rest.until ?? Number.POSITIVE_INFINITY) - ports.clock.now();
    await bell.wait(Math.min(untilMs, patience.reconcileMs));
  }
  hints.abort();
}

const ASK_AGAIN_MS = 1000;

/** While the engine is away nothing can be done, and nothing is anybody's fault; workers may well run on without it. */
export async function settleThroughOutages(
  ports: Ports,
  moment: { readonly booting: boolean; readonly patienceMs: number },
  signal: AbortSignal,
): Promise<Rest> {
  const { clock, runtime, record } = ports;
  for (let since: number | null = null; ; ) {
    try {
      const rest = await settle(ports, moment.booting, signal);
      if (since !== null) record(EventType.DockerAvailable, { outage_ms: clock.now() - since });
      return rest;
    } catch (error) {
      if (!runtime.isUnavailable(error)) throw error;
      if (signal.aborted) return { kind: "leave" };
      if (since === null) record(EventType.DockerUnavailable, { reason: String(error) });
      since ??= clock.now();
      if (clock.now() - since >= moment.patienceMs) throw new SetupError([STAYED_AWAY], { cause: error });
      await clock.sleep(ASK_AGAIN_MS, signal);
    }
  }
}

const STAYED_AWAY =
  "The Docker Engine stayed away. Start it; until then the supervisor is restarted, so that its socket is mounted anew.";

/** A whole incident takes a few dozen; more would be a decision that its own step does not change. */
const MOST_STEPS = 200;
/** What sees no end is not tried all the time. */
const NO_END_MS = 10_000;

/**
 * Observes, decides on one step and performs it, until there is nothing to do for now. What somebody asked for can fail,
 * and then it is the request that ends.
 */
export async function settle(ports: Ports, booting: boolean, signal: AbortSignal): Promise<Rest> {
  let unchanged: Observation | null = null;
  for (let steps = 0; ; steps += 1) {
    ports.requests.take();
    const seen: Observation = await observe(ports, { booting, leaving: signal.aborted }, unchanged);
    const step = decide(seen, ports.policy);
    if (step.kind === "wait" || step.kind === "leave") return step;
    ports.log.debug({ step: step.kind }, "step");
    if (steps > MOST_STEPS) return withoutEnd(ports, seen, step);
    await performOrReject(ports, step);
    // Recording changes nothing that the engine holds, and nobody answers while it is asked again.
    unchanged = step.kind === "record exit" ? seen : null;
  }
}

/** An engine that is away is another thing: whatever was asked waits for it. */
async function performOrReject(ports: Ports, step: Action): Promise<void> {
  try {
    await perform(ports, step);
  } catch (error) {
    const request = "request" in step ? step.request : null;
    if (request === null || ports.runtime.isUnavailable(error)) throw error;
    ports.log.warn({ step: step.kind, reason: String(error) }, "what was asked for failed: it is rejected");
    rejectRequest(ports, request, `it failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A decision that its own step does not change ends what was asked for, if anything was; and it is not tried all the time. */
function withoutEnd(ports: Ports, { now, deploy, rollbackRequest }: Observation, { kind }: Action): Rest {
  const why = `no end is seen: "${kind}" changes nothing`;
  const request = deploy?.request ?? rollbackRequest;
  if (request) rejectRequest(ports, request, why);
  return { kind: "wait", until: now + NO_END_MS, why };
}
