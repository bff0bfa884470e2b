export interface GivenCommand {
  /** In small letters, without the slash and the bot's name. */
  readonly name: string;
  /** What follows, trimmed; empty when nothing does. */
  readonly argument: string;
}

/** A text that is a command: `/name`, `/name@bot` or either with more after a space; null for all others, as a path. */
export function parseCommand(text: string): GivenCommand | null {
  const match = /^\/([a-z0-9_]{1,32})(?:@\w+)?(?:\s+([\s\S]*))?$/i.exec(text.trimEnd());
  return match?.[1] ? { name: match[1].toLowerCase(), argument: match[2]?.trim() ?? "" } : null;
}
