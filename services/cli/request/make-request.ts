import { deadline } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { type Outcome, outcomeLine, type RequestKind } from "../../../shared/request-outcome.ts";
import { isOnHold, isStopped } from "../../../shared/state.ts";
import { type Cli, EXIT, type JsonOption } from "../command.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";
import { progressLine } from "../text/request-text.ts";
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
    const requestId = request.record(db);
    if (!options.wait) return await reportRecorded(requestId, options, cli);
    for (const line of whatHoldsItBack(db)) cli.output.note(line);
    const outcome = await followToTheEnd(db, requestId, options, cli);
    return outcome
      ? await reportOutcome(request.kind, requestId, outcome, options, cli)
      : await reportUndecided(requestId, options, cli);
  } finally {
    db.close();
  }
}

/** An operator's earlier wishes that a deploy or a rollback waits for. */
function whatHoldsItBack(db: Database): string[] {
  return [
    ...(isStopped(db) ? ["the agent is stopped: nothing is started before lastgood start"] : []),
    ...(isOnHold(db) ? ["the agent is on hold: nothing is started or stopped before lastgood unhold"] : []),
  ];
}

async function followToTheEnd(db: Database, requestId: number, options: RequestOptions, cli: Cli) {
  const { clock, output, signal } = cli;
  const follower = {
    db,
    clock,
    onEvent: async (...[state, event]: Parameters<typeof progressLine>) => {
      const line = options.json ? null : progressLine(state, event);
      if (line !== null) await output.print(line);
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
