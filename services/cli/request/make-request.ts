import { deadline } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { KnownEvent } from "../../../shared/known-event.ts";
import { type Outcome, outcomeLine, type RequestKind, type RequestState } from "../../../shared/request-outcome.ts";
import { isOnHold, isStopped, quarantineReason } from "../../../shared/state.ts";
import { type Cli, EXIT, type JsonOption } from "../command.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";
import { lastWordLines, progressLine, WAITS_FOR_START, WAITS_FOR_UNHOLD } from "../text/request-text.ts";
import { followRequest } from "./follow-request.ts";

export interface RequestOptions extends JsonOption {
  readonly wait: boolean;
  /** Seconds; absent: as long as it takes. */
  readonly timeout?: number;
}

/** Seconds: a timer takes 2^31 ms at most, some 24 days. */
export const LONGEST_TIMEOUT = 2_000_000;

export interface Request {
  readonly kind: RequestKind;
  /** Appends it to the log and returns its event id. */
  record(db: Database): number;
}

/** Records a request, then tells what becomes of it. With --json that is one object, at the end. */
export async function makeRequest(request: Request, options: RequestOptions, cli: Cli): Promise<number> {
  const db = openForRequests(cli.stateDir);
  try {
    const lastProbation = newestEvent(db, EventType.RevisionPromoted)?.payload.evidence.ready_seconds ?? null;
    const requestId = request.record(db);
    if (!options.wait) return await reportRecorded(requestId, options, cli);
    for (const line of whatHoldsItBack(db)) cli.output.note(line);
    const outcome = await followToTheEnd({ db, requestId, lastProbation }, options, cli);
    return outcome
      ? await reportOutcome(request.kind, requestId, outcome, options, cli)
      : await reportUndecided(requestId, options, cli);
  } finally {
    db.close();
  }
}

/** An operator's earlier wishes that a deploy or a rollback waits for. */
function whatHoldsItBack(db: Database): string[] {
  return [...(isStopped(db) ? [WAITS_FOR_START] : []), ...(isOnHold(db) ? [WAITS_FOR_UNHOLD] : [])];
}

interface Recorded {
  readonly db: Database;
  readonly requestId: number;
  /** Seconds, which is how long the next one will take; null before the first. */
  readonly lastProbation: number | null;
}

async function followToTheEnd({ db, requestId, lastProbation }: Recorded, options: RequestOptions, cli: Cli) {
  const { clock, output, signal } = cli;
  let isSpawned = false;
  const follower = {
    db,
    clock,
    onEvent: async (state: RequestState, event: KnownEvent) => {
      if (state.kind !== "asked") isSpawned ||= event.eventType === "worker.spawned";
      if (event.eventType === "worker.ready" && !isSpawned) return; // of the worker that is to be replaced
      const line = options.json ? null : progressLine(state, event, lastProbation);
      if (line === null) return;
      await output.print(line, ...lastWordLines(event));
      const known = event.eventType === "deploy.started" && quarantineReason(db, event.payload.image_id, event.id);
      if (known)
        output.note(`this image was quarantined before (${known}); it is tried again, because it is asked for`);
    },
    onSilence: () =>
      output.note(`waiting for the supervisor; is it running? The request is recorded as event ${requestId}.`),
  };
  const patience = options.timeout === undefined ? signal : deadline(options.timeout * 1000, signal);
  return followRequest(follower, requestId, patience);
}

async function reportRecorded(requestId: number, { json: asJson }: RequestOptions, { output }: Cli): Promise<number> {
  await output.print(asJson ? json({ requestId, outcome: "requested" }) : String(requestId));
  return EXIT.done;
}

async function reportOutcome(
  kind: RequestKind,
  requestId: number,
  outcome: Outcome,
  options: RequestOptions,
  { output }: Cli,
): Promise<number> {
  const { kind: decided, ...detail } = outcome;
  const line = outcomeLine(kind, outcome);
  if (options.json) await output.print(json({ requestId, outcome: decided, ...detail }));
  if (decided !== "done") output.note(line);
  else if (!options.json) await output.print(line);
  return decided === "done" ? EXIT.done : EXIT.failed;
}

async function reportUndecided(requestId: number, options: RequestOptions, { output, signal }: Cli): Promise<number> {
  if (options.json) await output.print(json({ requestId, outcome: "undecided" }));
  const why = signal.aborted ? "left before it was decided" : `still undecided after ${options.timeout} s`;
  output.note(`${why}; the request goes on: lastgood events --follow --since ${requestId}`);
  return signal.aborted ? EXIT.interrupted : EXIT.undecided;
}
