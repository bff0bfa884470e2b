import type { Entity } from "./sender.ts";

/** A text without markup, and what its stretches are. */
export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

export function plain(text: string): FormattedText {
  return { text, entities: [] };
}

/** The same text as one thing; code cannot hold anything else, so what was in it is left out. */
export function wrapped(inner: FormattedText, as: Omit<Entity, "offset" | "length">): FormattedText {
  if (inner.text === "") return inner;
  const whole = { ...as, offset: 0, length: inner.text.length };
  const isCode = as.type === "code" || as.type === "pre";
  // Twice the same says no more than once, and Telegram refuses quotes within quotes.
  const others = isCode ? [] : inner.entities.filter(({ type }) => type !== as.type);
  return { text: inner.text, entities: [whole, ...others] };
}

export function joined(pieces: readonly FormattedText[], separator: string): FormattedText {
  return chained(pieces.map((piece) => ({ piece, separator })));
}

/** Pieces one after the other; what stands before an empty one, or the first, is left out. */
export function chained(
  links: readonly { readonly piece: FormattedText; readonly separator: string }[],
): FormattedText {
  const entities: Entity[] = [];
  const texts: string[] = [];
  let offset = 0;
  for (const { piece, separator } of links) {
    if (piece.text === "") continue;
    const before = texts.length === 0 ? "" : separator;
    texts.push(before, piece.text);
    for (const entity of piece.entities) entities.push({ ...entity, offset: entity.offset + offset + before.length });
    offset += before.length + piece.text.length;
  }
  return { text: texts.join(""), entities };
}

/** Puts `first` before the first line and as much room before the others. */
export function hanging(first: string, { text, entities }: FormattedText): FormattedText {
  const room = " ".repeat(first.length);
  const lineStarts = [...text.matchAll(/\n(?!\n|$)/g)].map(({ index }) => index + 1);
  const addedBefore = (place: number) => first.length * (1 + countUpTo(lineStarts, place));
  return {
    text: first + text.replace(/\n(?!\n|$)/g, `\n${room}`),
    entities: entities.map((entity) => {
      const { offset, length } = entity;
      const end = offset + length - 1; // its last unit, which belongs to the line that it stands in
      return {
        ...entity,
        offset: offset + addedBefore(offset),
        length: length + addedBefore(end) - addedBefore(offset),
      };
    }),
  };
}

/** How many of the numbers, which grow, are at most so large. */
function countUpTo(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The stretch from `start` to `end`: an entity that crosses an edge is cut there. */
export function sliced({ text, entities }: FormattedText, start: number, end: number): FormattedText {
  const within = entities.map((entity) => {
    const from = Math.max(entity.offset, start);
    return { ...entity, offset: from - start, length: Math.min(entity.offset + entity.length, end) - from };
  });
  return { text: text.slice(start, end), entities: within.filter(({ length }) => length > 0) };
}
