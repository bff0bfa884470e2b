import { Option } from "commander";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import { INBOX_STATUSES, type InboxRow, type InboxStatus, listInbox } from "../reading/list-inbox.ts";
import { openForReading } from "../state-database.ts";
import { inboxLines } from "../text/inbox-text.ts";
import { json } from "../text/json.ts";

interface InboxOptions extends JsonOption {
  readonly status?: InboxStatus;
  readonly number: number;
  readonly before?: number;
}

const DEFAULT_NUMBER = 50;
const TO_LOOK_AFTER = INBOX_STATUSES.slice(0, 5);

export const inbox: CliCommand = {
  name: "inbox",
  about: "List messages that wait, failed, or were set aside; the newest first",
  example: "lastgood inbox --status failed",
  declare: (command) =>
    command
      .addOption(new Option("--status <status>", "only these").choices(INBOX_STATUSES))
      .option("-n, --number <count>", "how many at most", wholeNumberFrom(1), DEFAULT_NUMBER)
      .option("--before <message>", "only what came before this one: the next page", wholeNumberFrom(1)),
  async run(command, { stateDir, clock, output }) {
    const { status, number, before = null, json: asJson } = command.opts<InboxOptions>();
    const db = openForReading(stateDir);
    const page = { statuses: status ? [status] : TO_LOOK_AFTER, limit: number + 1, before };
    const rows = listInbox(db, page);
    db.close();
    const shown = rows.slice(0, number);
    if (asJson) await output.print(...shown.map((row) => json(forJson(row))));
    else if (shown.length === 0) await output.print(nothingThatIs(status));
    else await output.print(...inboxLines(shown, new Date(clock.now()), output.paint));
    if (rows.length > number) output.note(`there are more: add --before ${shown.at(-1)?.id}`);
    return EXIT.done;
  },
};

function nothingThatIs(status: InboxStatus | undefined): string {
  return status ? `no message is ${status.replace("_", " ")}` : "no message waits, failed or was set aside";
}

const forJson = ({ receivedAt, ...row }: InboxRow) => ({ ...row, receivedAt: new Date(receivedAt) });
