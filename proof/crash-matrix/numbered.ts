/**
 * Questions and answers that can be told apart: each question has a number, and each paragraph of its answer says which
 * number it is for and its place, so that a loss, a copy and a wrong order are seen in what arrived.
 */

/** `long` takes several messages of Telegram, `slow` comes over seconds, `tool` calls a tool first. */
export type Kind = "plain" | "long" | "slow" | "tool";

export function question(number: number, kind: Kind): string {
  return `No. ${number}, ${kind}`;
}

/** The question in a text, wherever it stands there; null when there is none. */
export function questionIn(text: string): { readonly number: number; readonly kind: Kind } | null {
  const found = /\bNo\. (\d+), (plain|long|slow|tool)\b/.exec(text);
  return found && { number: Number(found[1]), kind: found[2] as Kind }; // the words of the pattern
}

/** Three fit into one message of Telegram, so a long answer has four parts. */
const LONG_PARAGRAPHS = 10;
const PARAGRAPH_WORDS = 220;

export function answerTo(number: number, kind: Kind): string {
  const count = kind === "long" ? LONG_PARAGRAPHS : 1;
  const words = kind === "plain" || kind === "tool" ? 3 : kind === "slow" ? 30 : PARAGRAPH_WORDS;
  return Array.from({ length: count }, (_, index) => {
    return `Answer ${number}.${index + 1}/${count}:${" word".repeat(words)}.`;
  }).join("\n\n");
}

export interface Mark {
  readonly number: number;
  readonly paragraph: number;
  readonly of: number;
}

/** Whose paragraphs a message holds. */
export function marksIn(text: string): Mark[] {
  return [...text.matchAll(/Answer (\d+)\.(\d+)\/(\d+):/g)].map(([, number, paragraph, of]) => {
    return { number: Number(number), paragraph: Number(paragraph), of: Number(of) };
  });
}
