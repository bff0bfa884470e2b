import { marksIn } from "./numbered.ts";

export interface Asked {
  readonly number: number;
  /** How many sends the log calls uncertain: each may be a second copy. */
  readonly uncertain: number;
}

/** A bot's message as its chat shows it in the end, in the order of the chat. */
export interface Arrived {
  readonly chatId: number;
  readonly text: string;
}

export interface Verdict {
  readonly answered: number;
  /** The numbers of questions whose answer did not arrive, or not whole. */
  readonly lost: readonly number[];
  /** Those of which something arrived more than once; `unmarked`: more often than the log owns up to. */
  readonly twice: readonly number[];
  readonly unmarked: readonly number[];
  /** Those of which something came after a later question's answer, or after a later paragraph. */
  readonly outOfOrder: readonly number[];
}

export function judge(asked: readonly Asked[], arrived: readonly Arrived[]): Verdict {
  const seen = new Map<number, Set<number>>();
  const whole = new Set<number>();
  const copies = new Map<number, number>();
  const outOfOrder = new Set<number>();
  const newest = new Map<number, { number: number; paragraph: number }>();
  for (const { chatId, text } of arrived) {
    const marks = marksIn(text);
    for (const { number, paragraph, of } of marks) {
      const paragraphs = seen.get(number) ?? new Set();
      seen.set(number, paragraphs);
      const before = newest.get(chatId) ?? { number: 0, paragraph: 0 };
      const isCopy = paragraphs.has(paragraph);
      if (number < before.number || (number === before.number && paragraph < before.paragraph && !isCopy)) {
        outOfOrder.add(number);
      }
      if (number > before.number || paragraph > before.paragraph) newest.set(chatId, { number, paragraph });
      paragraphs.add(paragraph);
      if (paragraphs.size === of) whole.add(number);
      if (isCopy && paragraph === marks.find((mark) => mark.number === number)?.paragraph) {
        copies.set(number, (copies.get(number) ?? 0) + 1);
      }
    }
  }
  const uncertain = new Map(asked.map((one) => [one.number, one.uncertain]));
  return {
    answered: whole.size,
    lost: asked.map(({ number }) => number).filter((number) => !whole.has(number)),
    twice: [...copies.keys()],
    unmarked: [...copies].filter(([number, count]) => count > (uncertain.get(number) ?? 0)).map(([number]) => number),
    outOfOrder: [...outOfOrder],
  };
}
