import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { operatorName } from "../request/operator.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";

type Wish =
  | typeof EventType.StopRequested
  | typeof EventType.StartRequested
  | typeof EventType.HoldRequested
  | typeof EventType.UnholdRequested;

/** Wishes that hold from now on, through every restart, until their opposite is recorded. */
export const stop = wish("stop", EventType.StopRequested, "Let nothing run, through every restart, until start");
export const start = wish("start", EventType.StartRequested, "Let the agent run again after stop");
export const hold = wish("hold", EventType.HoldRequested, "Let the supervisor do nothing by itself, until unhold");
export const unhold = wish("unhold", EventType.UnholdRequested, "Let the supervisor act by itself again after hold");

function wish(name: string, type: Wish, about: string): CliCommand {
  return {
    name,
    about,
    example: `lastgood ${name}`,
    declare: (command) => command,
    async run(command, { stateDir, output }) {
      const db = openForRequests(stateDir);
      const requestId = logEvent(db, null, type, { by: operatorName(), from: "cli" });
      db.close();
      const { json: asJson } = command.opts<JsonOption>();
      await output.print(asJson ? json({ requestId }) : `recorded as event ${requestId}: ${about.toLowerCase()}`);
      return EXIT.done;
    },
  };
}
