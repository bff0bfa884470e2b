import { Option } from "commander";
import { readUsage, USAGE_KEYS, type UsageKey } from "../../../shared/usage.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import { openForReading } from "../state-database.ts";
import { json } from "../text/json.ts";
import { usageLines } from "../text/usage-text.ts";

interface UsageOptions extends JsonOption {
  readonly by: UsageKey;
  readonly days: number;
}

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** Ten years, read a week at a time. */
const MOST_DAYS = 3660;

export const usage: CliCommand = {
  name: "usage",
  about: "Tell what the model did and cost, by day, model or chat",
  example: "lastgood usage --by model --days 7",
  declare: (command) =>
    command
      .addOption(new Option("--by <key>", "a row for each").choices(USAGE_KEYS).default("day"))
      .option(
        "--days <count>",
        "how many days back, today included (UTC)",
        wholeNumberFrom(1, MOST_DAYS),
        DEFAULT_DAYS,
      ),
  async run(command, { stateDir, clock, output }) {
    const { by, days, json: asJson } = command.opts<UsageOptions>();
    const db = openForReading(stateDir);
    const to = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS;
    const rows = db.transaction(() => readUsage(db, by, { from: to - days * DAY_MS, to }))();
    db.close();
    if (asJson) await output.print(...rows.map(({ key, ...row }) => json({ [by]: key, ...row })));
    else if (rows.length === 0) await output.print(`the model was not asked in the last ${days} days`);
    else await output.print(...usageLines(by, rows, output.paint));
    return EXIT.done;
  },
};
