export interface GivenCommand {
  /** In small letters, without the slash and the bot's name. */
  readonly name: string;
  /** The bot that it is for, as it was written; null when it says none. */
  readonly bot: string | null;
  /** What follows, trimmed; empty when nothing does. */
  readonly argument: string;
}

/** A text that is a command: `/name`, `/name@bot` or either with more after a space; null for all others, as a path. */
export function parseCommand(text: string): GivenCommand | null {
  const match = /^\/([a-z0-9_]{1,32})(?:@(\w+))?(?:\s+([\s\S]*))?$/i.exec(text.trimEnd());
  const [, name, bot = null, argument = ""] = match ?? [];
  return name ? { name: name.toLowerCase(), bot, argument: argument.trim() } : null;
}

/** @param ownName null while it is not known: of a command for a bot that is named, Telegram seldom tells another one */
export function isForAnother({ bot }: GivenCommand, ownName: string | null): boolean {
  return bot !== null && ownName !== null && bot.toLowerCase() !== ownName.toLowerCase();
}
