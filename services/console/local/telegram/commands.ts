import { type Database, sql } from "../../../../shared/database.ts";

/** A command that the bot has told of; the page offers it to who begins to write one. */
export interface BotCommand {
  readonly command: string;
  readonly description: string;
}

export function setCommands(db: Database, commands: readonly BotCommand[]): void {
  // Telegram takes a slash before the name, and gives the name alone back.
  const bare = commands.map(({ command, description }) => ({ command: command.replace(/^\//, ""), description }));
  sql(db, "UPDATE bot SET commands = ?").run(JSON.stringify(bare));
}

export function commandsOf(db: Database): readonly BotCommand[] {
  return JSON.parse(String(sql(db, "SELECT commands FROM bot").pluck().get()));
}
