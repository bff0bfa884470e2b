import { type FormattedText, plain, sliced } from "./formatted-text.ts";
import { fromMarkdown } from "./markdown.ts";
import type { OutgoingMessage } from "./sender.ts";

/** Telegram's limit for one message, in UTF-16 code units after entities are parsed. */
export const MESSAGE_LIMIT = 4096;

export type Format = "markdown" | "plain";

/**
 * A stored text as the messages that it is sent as. A function of the text alone: after a crash the same parts are made
 * again, and the log says which of them were sent.
 */
export function toParts(text: string, format: Format, limit = MESSAGE_LIMIT): OutgoingMessage[] {
  const wellFormed = text.toWellFormed();
  const read = format === "markdown" ? fromMarkdown(wellFormed) : plain(wellFormed);
  const shown = read.text.trim() === "" ? plain(wellFormed) : read; // marks around nothing: better these than nothing
  return split(shown, limit).map((part) => (part.entities.length > 0 ? part : { text: part.text }));
}

/** Buttons stand under the last part. */
export function withButtons(
  messages: readonly OutgoingMessage[],
  buttons: OutgoingMessage["buttons"],
): readonly OutgoingMessage[] {
  return messages.map((message, index) =>
    buttons && index === messages.length - 1 ? { ...message, buttons } : message,
  );
}

/** The first part of an answer that is still being written; null while there is nothing to show. */
export function firstPartSoFar(text: string): OutgoingMessage | null {
  return toParts(text.slice(0, 2 * MESSAGE_LIMIT), "markdown")[0] ?? null;
}

/**
 * Cuts a text into parts that Telegram takes, at the last paragraph, line or word that fits, and never inside a
 * surrogate pair. An entity that is cut goes on in the next part, so that each half of a code block is one. What is only
 * white space becomes no part: Telegram refuses it.
 */
export function split(whole: FormattedText, limit: number): FormattedText[] {
  const parts: FormattedText[] = [];
  let rest = trimmed(whole);
  while (rest.text.length > limit) {
    const end = endOfPart(rest, limit);
    parts.push(trimmed(sliced(rest, 0, end)));
    rest = trimmed(sliced(rest, end, rest.text.length));
  }
  return [...parts, rest].filter(({ text }) => text !== "");
}

function endOfPart({ text, entities }: FormattedText, limit: number): number {
  const fitting = text.slice(0, limit + 1);
  const code = entities.filter(({ type, offset }) => type === "pre" && offset <= limit);
  const isInCode = (at: number) => code.some(({ offset, length }) => offset < at && at < offset + length);
  const paragraphs = [...fitting.matchAll(/\n\n/g)].map(({ index }) => index).filter((at) => !isInCode(at));
  for (const at of [paragraphs.at(-1) ?? -1, fitting.lastIndexOf("\n"), fitting.lastIndexOf(" ")]) {
    if (at > limit / 2) return at;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(limit));
  return splitsPair ? limit - 1 : limit;
}

/** Without white space at its ends; in code, whose indentation says something, only without empty lines. */
function trimmed(whole: FormattedText): FormattedText {
  const { text, entities } = whole;
  const blank = text.length - text.trimStart().length;
  const isInCode = entities.some(({ type, offset }) => type === "pre" && offset < blank);
  const start = isInCode ? (/^(?:[^\S\n]*\n)*/.exec(text)?.[0].length ?? 0) : blank;
  return sliced(whole, start, Math.max(start, text.trimEnd().length));
}
