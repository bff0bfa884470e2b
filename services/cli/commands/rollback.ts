import type { CliCommand } from "../command.ts";
import { imageReference, wholeNumberFrom } from "../option-values.ts";
import { LONGEST_TIMEOUT, makeRequest, type RequestOptions } from "../request/make-request.ts";
import { operatorName } from "../request/operator.ts";

export const rollback: CliCommand = {
  name: "rollback",
  about: "Ask the supervisor to go back, and follow it until the older revision is ready",
  example: "lastgood rollback",
  declare: (command) =>
    command
      .argument("[image:tag]", "the image to go back to (default: the previous good one)", imageReference)
      .option("--no-wait", "print the request's event id and leave")
      .option(
        "--timeout <seconds>",
        "how long to wait for the outcome (default: until there is one)",
        wholeNumberFrom(1, LONGEST_TIMEOUT),
      ),
  run(command, cli) {
    const payload = { by: operatorName(), from: "cli", revision: command.args[0] ?? null } as const;
    return makeRequest("rollback", { type: "rollback.requested", payload }, command.opts<RequestOptions>(), cli);
  },
};
