import { putRequest } from "../../../shared/requests/put-request.ts";
import type { OperatorRequest } from "../../../shared/requests/request-file.ts";
import { readSupervisorView } from "../../../shared/requests/supervisor-view.ts";
import type { Cli, CliCommand, JsonOption } from "../command.ts";
import { operatorName } from "../request/operator.ts";
import { reportRecorded } from "../request/report-recorded.ts";

type Wish = "stop" | "start" | "hold" | "unhold" | "cancel";

/** Wishes that hold from now on, through every restart, until their opposite is recorded. */
export const stop = wish("stop", "Let nothing run, through every restart, until start");
export const start = wish("start", "Let the agent run again after stop");
export const hold = wish("hold", "Let the supervisor do nothing by itself, until unhold");
export const unhold = wish("unhold", "Let the supervisor act by itself again after hold");

/** A wish about what goes on at this moment. */
export const cancel = wish("cancel", "End the deploy that is not decided yet, and let run what ran before", (cli) => {
  const status = readSupervisorView(cli.requestsDir)?.status;
  if (status?.inProgress.length === 0) cli.output.note("no deploy is in progress, as far as the supervisor has told");
});

function wish(name: Wish, about: string, remark?: (cli: Cli) => void): CliCommand {
  return {
    name,
    about,
    example: `lastgood ${name}`,
    declare: (command) => command,
    async run(command, cli) {
      const request: OperatorRequest = { type: `${name}.requested`, payload: { by: operatorName(), from: "cli" } };
      remark?.(cli);
      const id = putRequest(cli.requestsDir, request);
      return reportRecorded(id, { ...command.opts<JsonOption>(), about: about.toLowerCase() }, cli);
    },
  };
}
