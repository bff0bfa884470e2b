import { readStatus } from "../../../shared/status.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { openForReading } from "../state-database.ts";
import { jsonLines } from "../text/json.ts";
import { statusLines } from "../text/status-text.ts";

export const status: CliCommand = {
  name: "status",
  about: "Show what should run, what runs, and what waits",
  example: "lastgood status",
  declare: (command) => command,
  async run(command, { stateDir, clock, output }) {
    const options = command.opts<JsonOption>();
    const db = openForReading(stateDir);
    const now = clock.now();
    const seen = db.transaction(() => readStatus(db, now))();
    db.close();
    const lines = options.json ? jsonLines(seen) : statusLines(seen, new Date(now), output.paint);
    await output.print(...lines);
    return EXIT.done;
  },
};
