import type { Clock } from "../../../shared/clock.ts";
import type { Logger } from "../../../shared/logging.ts";
import { timesIn } from "./docker-answers.ts";
import type { Engine } from "./docker-engine.ts";
import { reasonOf } from "./engine-refusals.ts";

/** How long to leave a broken event stream alone before it is opened again; the loop looks by itself meanwhile. */
const RESUBSCRIBE_MS = 1000;

export interface EnginePorts {
  readonly docker: Engine;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Follows the engine's events about a project's containers, again and again: the stream ends whenever it likes. */
export async function followEvents(
  { docker, clock, log }: EnginePorts,
  { project, onChange }: { readonly project: string; readonly onChange: () => void },
  signal: AbortSignal,
): Promise<void> {
  const filters = { type: ["container" as const], label: [`com.docker.compose.project=${project}`] };
  while (!signal.aborted) {
    try {
      const stream: AsyncIterable<unknown> = await docker.getEvents({ filters, abortSignal: signal });
      onChange(); // what happened before the subscription
      for await (const _ of stream) onChange();
    } catch (error) {
      if (!signal.aborted) log.warn({ reason: reasonOf(error) }, "the engine's event stream broke");
    }
    await clock.sleep(RESUBSCRIBE_MS, signal);
  }
}

/** When this happened to a container, in Unix milliseconds, oldest first, as far as the engine remembers. */
export async function timesOf(
  event: "kill" | "oom",
  containerId: string,
  { docker, clock }: EnginePorts,
): Promise<number[]> {
  const filters = { container: [containerId], event: [event] };
  // A kill is logged before the death it brings; the engine would sit out whatever lies in the future.
  const until = clock.now() / 1000;
  const stream: AsyncIterable<Buffer | string> = await docker.getEvents({ since: 0, until, filters });
  return timesIn(await Array.fromAsync(stream));
}
