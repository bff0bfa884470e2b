import { createInterface } from "node:readline";
import { copiesIn } from "../../../shared/files.ts";
import { type ChatText, forgetChat, type Kept, textOfChat } from "../archive/forget-chat.ts";
import { holdArchives } from "../archive/hold-archives.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { chatId } from "../option-values.ts";
import { operatorName } from "../request/operator.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";
import { whileAnnounced } from "../while-announced.ts";

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
    const db = openForRequests(cli.stateDir);
    const kept = { db, stateDir: cli.stateDir };
    try {
      if (options.yes || (await isConfirmed(chat, textOfChat(kept, chat), cli))) {
        return await erase(kept, chat, options, cli);
      }
      cli.output.note("nothing was erased (with --yes it does not ask)");
      return cli.signal.aborted ? EXIT.interrupted : EXIT.failed;
    } finally {
      db.close();
    }
  },
};

async function isConfirmed(chat: number, text: ChatText, { output, signal }: Cli): Promise<boolean> {
  output.note(
    `Erase for good what was said in chat ${chat}: ${inWords(text)}? Telegram and backups keep their copy. [y/N]`,
  );
  const lines = createInterface({ input: process.stdin, signal });
  for await (const line of lines) return /^y(es)?$/i.test(line.trim());
  return false;
}

async function erase(kept: Kept, chat: number, { json: asJson }: ForgetOptions, cli: Cli): Promise<number> {
  const { output } = cli;
  const lock = holdArchives(kept.stateDir);
  const forgotten = await whileAnnounced("forget", cli, () => forgetChat(kept, chat, operatorName()));
  lock.release();
  await output.print(asJson ? json({ chatId: chat, ...forgotten }) : `erased: ${inWords(forgotten)}`);
  if (forgotten.open > 0) {
    output.note(`${forgotten.open} are not answered yet and keep their text: wait or drop them, then forget again`);
  }
  if (!forgotten.overwritten) output.note(NOT_OVERWRITTEN);
  const copies = copiesIn(kept.stateDir);
  if (copies.length > 0) output.note(`these keep their copy until you remove them: ${copies.join(", ")}`);
  return forgotten.open === 0 && forgotten.overwritten ? EXIT.done : EXIT.failed;
}

const NOT_OVERWRITTEN =
  "older versions of it may still be read from unused room in lastgood.db, which is too large, or too busy, to be " +
  "written anew beside a worker: restore a backup made now, and remove what the restore puts aside";

function inWords({ messages, said, archived }: ChatText): string {
  return `${messages} messages, ${said} lines of history, ${archived} messages in archives`;
}
