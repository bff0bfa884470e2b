/**
 * What steers a terminal, or the order in which text is read: C0, DEL and C1, the controls of bidirectional text, and the
 * separators of lines and paragraphs.
 */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A text in which nothing steers who shows it: each such character is told, as `\u001b`. Inside a text of JSON that is
 * the same value as before, so JSON stays valid. What is visible already stays as it is.
 */
export function visible(text: string): string {
  return text.replace(STEERING, escaped);
}

/** The same line by line, for a text whose lines are ours. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
