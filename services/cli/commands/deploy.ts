import type { CliCommand } from "../command.ts";
import { imageReference, wholeNumberFrom } from "../option-values.ts";
import { LONGEST_TIMEOUT, makeRequest, type RequestOptions } from "../request/make-request.ts";
import { operatorName } from "../request/operator.ts";

export const deploy: CliCommand = {
  name: "deploy",
  about: "Ask the supervisor for a revision, and follow it until it is promoted or has failed",
  example: "lastgood deploy lastgood-worker:v2 --timeout 300",
  declare: (command) =>
    command
      .argument("<image:tag>", "the image to run", imageReference)
      .option("--no-wait", "print the request's event id and leave")
      .option(
        "--timeout <seconds>",
        "how long to wait for the outcome (default: until there is one)",
        wholeNumberFrom(1, LONGEST_TIMEOUT),
      ),
  run(command, cli) {
    const revision = command.args[0] ?? "";
    const payload = { by: operatorName(), from: "cli", revision } as const;
    return makeRequest("deploy", { type: "deploy.requested", payload }, command.opts<RequestOptions>(), cli);
  },
};
