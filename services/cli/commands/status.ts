import { join } from "node:path";
import { HEARTBEAT_FILE, mtimeOf } from "../../../shared/files.ts";
import { statusAsTold } from "../../../shared/requests/status-as-told.ts";
import { readSupervisorView, supervisorRuns } from "../../../shared/requests/supervisor-view.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { type Reading, tryReading } from "../state-database.ts";
import { jsonLines } from "../text/json.ts";
import { statusLines } from "../text/status-text.ts";
import { viewForJson, viewLines } from "../text/view-text.ts";

export const status: CliCommand = {
  name: "status",
  about: "Show what should run, what runs, and what waits",
  example: "lastgood status",
  declare: (command) => command,
  async run(command, cli) {
    const options = command.opts<JsonOption>();
    const now = cli.clock.now();
    const seen = tryReading(cli.stateDir, (db) => statusAsTold(db, cli.requestsDir, now));
    if (seen.kind === "unreadable") return fromTheSupervisor(seen, options, cli);
    await cli.output.print(
      ...(options.json
        ? jsonLines(seen.value)
        : statusLines({ status: seen.value, heartbeatAt: heartbeatOf(cli) }, new Date(now), cli.output.paint)),
    );
    return EXIT.done;
  },
};

const heartbeatOf = ({ stateDir }: Cli): number | null => mtimeOf(join(stateDir, HEARTBEAT_FILE));

/** What the supervisor says of itself, where the log cannot be read. */
async function fromTheSupervisor(
  { why, cause }: Reading<never> & { kind: "unreadable" },
  { json: asJson }: JsonOption,
  { requestsDir, clock, output }: Cli,
): Promise<number> {
  const view = readSupervisorView(requestsDir);
  if (!view) throw cause;
  output.note(`The log cannot be read, so this is what the supervisor has told. ${why}`);
  const told = { view, runs: supervisorRuns(requestsDir), now: new Date(clock.now()) };
  await output.print(...(asJson ? jsonLines(viewForJson(told, why)) : viewLines(told, output.paint)));
  return EXIT.done;
}
