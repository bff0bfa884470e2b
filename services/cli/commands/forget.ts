import { createInterface } from "node:readline";
import { type Forgotten, forgetChat } from "../archive/forget-chat.ts";
import { holdArchives } from "../archive/hold-archives.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { chatId } from "../option-values.ts";
import { operatorName } from "../request/operator.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";

interface ForgetOptions extends JsonOption {
  readonly yes?: true;
}

export const forget: CliCommand = {
  name: "forget",
  about: "Erase for good what was said in a chat, here and in the archives; the events about it stay",
  example: "lastgood forget 12345678",
  declare: (command) => command.argument("<chat>", "the chat's id", chatId).option("-y, --yes", "do not ask first"),
  async run(command, cli) {
    const [chat] = command.processedArgs as [number]; // by its parser
    const options = command.opts<ForgetOptions>();
    if (!options.yes && !(await isConfirmed(chat, cli))) {
      cli.output.note("nothing was erased");
      return cli.signal.aborted ? EXIT.interrupted : EXIT.failed;
    }
    const lock = holdArchives(cli.stateDir);
    const db = openForRequests(cli.stateDir);
    try {
      const forgotten = forgetChat({ db, stateDir: cli.stateDir }, chat, operatorName());
      await cli.output.print(options.json ? json({ chatId: chat, ...forgotten }) : inWords(forgotten));
      if (forgotten.open === 0) return EXIT.done;
      cli.output.note(
        `${forgotten.open} are not answered yet and keep their text: wait or drop them, then forget again`,
      );
      return EXIT.failed;
    } finally {
      db.close();
      lock.release();
    }
  },
};

async function isConfirmed(chat: number, { output, signal }: Cli): Promise<boolean> {
  output.note(`Erase for good all that was said in chat ${chat}, also in archives? Backups keep their copy. [y/N]`);
  const lines = createInterface({ input: process.stdin, signal });
  for await (const line of lines) return /^y(es)?$/i.test(line.trim());
  return false;
}

function inWords({ messages, said, archived }: Forgotten): string {
  return `erased: ${messages} messages, ${said} lines of history, ${archived} messages in archives`;
}
