import { deadline } from "../../../shared/clock.ts";
import type { KnownEvent } from "../../../shared/known-event.ts";
import { type Outcome, outcomeLine, type RequestKind, type RequestState } from "../../../shared/request-outcome.ts";
import type { Answer } from "../../../shared/requests/answers.ts";
import { putRequest } from "../../../shared/requests/put-request.ts";
import type { OperatorRequest } from "../../../shared/requests/request-file.ts";
import { readSupervisorView } from "../../../shared/requests/supervisor-view.ts";
import { type Cli, EXIT, type JsonOption } from "../command.ts";
import { json } from "../text/json.ts";
import { lastWordLines, progressLine, WAITS_FOR_START, WAITS_FOR_UNHOLD } from "../text/request-text.ts";
import { followRequest } from "./follow-request.ts";
import { reportRecorded, silenceLine } from "./report-recorded.ts";

export interface RequestOptions extends JsonOption {
  readonly wait: boolean;
  /** Seconds; absent: as long as it takes. */
  readonly timeout?: number;
}

/** Seconds: a timer takes 2^31 ms at most, some 24 days. */
export const LONGEST_TIMEOUT = 2_000_000;

/** Puts a request where the supervisor takes it, then tells what becomes of it. With --json that is one object, at the end. */
export async function makeRequest(
  kind: RequestKind,
  request: OperatorRequest,
  options: RequestOptions,
  cli: Cli,
): Promise<number> {
  const id = putRequest(cli.requestsDir, request);
  if (!options.wait) return reportRecorded(id, { ...options, about: null }, cli);
  for (const line of whatHoldsItBack(cli.requestsDir)) cli.output.note(line);
  const { outcome, answer } = await followToTheEnd(id, options, cli);
  const eventId = answer?.eventId ?? null;
  return outcome
    ? await reportOutcome(kind, { eventId, outcome }, options, cli)
    : await reportUndecided({ id, eventId }, options, cli);
}

/** An operator's earlier wishes that a deploy or a rollback waits for, as far as the supervisor has told them. */
function whatHoldsItBack(directory: string): string[] {
  const status = readSupervisorView(directory)?.status;
  return [...(status?.stopped ? [WAITS_FOR_START] : []), ...(status?.onHold ? [WAITS_FOR_UNHOLD] : [])];
}

async function followToTheEnd(id: string, options: RequestOptions, cli: Cli) {
  const { requestsDir: directory, clock, output, signal } = cli;
  let isSpawned = false;
  const follower = {
    directory,
    clock,
    onEvent: async (state: RequestState, event: KnownEvent, { lastProbationSeconds, quarantinedBefore }: Answer) => {
      if (state.kind !== "asked") isSpawned ||= event.eventType === "worker.spawned";
      if (event.eventType === "worker.ready" && !isSpawned) return; // of the worker that is to be replaced
      const line = options.json ? null : progressLine(state, event, lastProbationSeconds ?? null);
      if (line === null) return;
      await output.print(line, ...lastWordLines(event));
      if (event.eventType === "deploy.started" && quarantinedBefore !== undefined)
        output.note(
          `this image was quarantined before (${quarantinedBefore}); it is tried again, because it is asked for`,
        );
    },
    onSilence: () => output.note(silenceLine(id, directory)),
  };
  const patience = options.timeout === undefined ? signal : deadline(options.timeout * 1000, signal);
  return followRequest(follower, id, patience);
}

interface Decided {
  readonly eventId: number | null;
  readonly outcome: Outcome;
}

const EXIT_OF = {
  done: EXIT.done,
  replaced: EXIT.replaced,
  rejected: EXIT.failed,
  failed: EXIT.failed,
} as const satisfies Record<Outcome["kind"], number>;

async function reportOutcome(
  kind: RequestKind,
  { eventId, outcome }: Decided,
  options: RequestOptions,
  { output }: Cli,
): Promise<number> {
  const { kind: decided, ...detail } = outcome;
  const line = outcomeLine(kind, outcome);
  if (options.json) await output.print(json({ requestId: eventId, outcome: decided, ...detail }));
  if (decided !== "done") output.note(line);
  else if (!options.json) await output.print(line);
  return EXIT_OF[decided];
}

async function reportUndecided(
  { id, eventId }: { readonly id: string; readonly eventId: number | null },
  options: RequestOptions,
  { output, signal }: Cli,
): Promise<number> {
  if (options.json) await output.print(json({ requestId: eventId, file: id, outcome: "undecided" }));
  const why = signal.aborted ? "left before it was decided" : `still undecided after ${options.timeout} s`;
  const whereNext = eventId === null ? "lastgood status" : `lastgood events --follow --since ${eventId}`;
  output.note(`${why}; the request goes on: ${whereNext}`);
  return signal.aborted ? EXIT.interrupted : EXIT.undecided;
}
