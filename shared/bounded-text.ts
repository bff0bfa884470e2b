import { stripVTControlCharacters } from "node:util";

/** What a reason has to say is said before this; it is kept in the log for ever, and sent to a chat. */
const LONGEST_REASON = 1000;
/** A stranger's text may have any length: no more than this of it is looked at. */
const MOST_LOOKED_AT = 20_000;

/** Control characters but the end of a line, and those that turn the direction of the text that follows. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/**
 * A reason in a stranger's words (a registry's, an engine's, a failed check's), as it may be recorded, told and printed:
 * of at most 1,000 characters, without control characters but the ends of its lines. Secrets have to be blanked before:
 * half of one, where the text is cut, would not be known.
 */
export function boundedReason(text: string): string {
  return boundedText(text, LONGEST_REASON);
}

/** The same of a text that is to be shorter. */
export function boundedText(text: string, longest: number): string {
  const looked = stripVTControlCharacters(text.slice(0, MOST_LOOKED_AT));
  const clean = looked.replaceAll("\r\n", "\n").replace(UNPRINTABLE, " ").toWellFormed().trim();
  if (clean.length <= longest && text.length <= MOST_LOOKED_AT) return clean;
  return `${withoutHalfCharacter(clean.slice(0, longest - 1))}…`;
}

/** A character beyond U+FFFF is two units, and is not cut between them. */
function withoutHalfCharacter(cut: string): string {
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
