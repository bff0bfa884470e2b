import { supervisorRuns } from "../../../shared/requests/supervisor-view.ts";
import { type Cli, EXIT, type JsonOption } from "../command.ts";
import { json } from "../text/json.ts";
import { firstAnswer } from "./follow-request.ts";

interface RecordedOptions extends JsonOption {
  /** What holds from now on, in words; null where the bare id is asked for. */
  readonly about: string | null;
}

/**
 * Waits until the supervisor has taken a request, and tells as which event: that is all that there is to be told. Where
 * no supervisor runs it does not wait: the request is kept, and taken when one starts.
 */
export async function reportRecorded(id: string, { json: asJson, about }: RecordedOptions, cli: Cli): Promise<number> {
  const { requestsDir: directory, clock, output, signal } = cli;
  const alone = new AbortController();
  const onSilence = () => {
    output.note(silenceLine(id, directory));
    if (about === null || !supervisorRuns(directory)) alone.abort();
  };
  const answer = await firstAnswer({ directory, clock, onSilence }, id, AbortSignal.any([signal, alone.signal]));
  if (answer?.problem !== undefined) {
    if (asJson) await output.print(json({ requestId: null, outcome: "rejected", reason: answer.problem }));
    output.note(`the request was rejected: ${answer.problem}`);
    return EXIT.failed;
  }
  if (answer) {
    const { eventId } = answer;
    const name = eventId === null ? "by the supervisor; the log does not take it yet" : `as event ${eventId}`;
    if (asJson) await output.print(json({ requestId: eventId, ...(about === null && { outcome: "requested" }) }));
    else await output.print(about === null ? String(eventId ?? id) : `recorded ${name}: ${about}`);
    return EXIT.done;
  }
  if (asJson) await output.print(json({ requestId: null, file: id, outcome: "undecided" }));
  return signal.aborted ? EXIT.interrupted : EXIT.undecided;
}

/** What to say when no answer comes. */
export function silenceLine(id: string, directory: string): string {
  return supervisorRuns(directory)
    ? `waiting for the supervisor, which runs and has not taken the request yet; it is kept as ${id}`
    : `no supervisor runs, so it seems: start it, docker compose up -d. The request is kept as ${id}, and taken then`;
}
