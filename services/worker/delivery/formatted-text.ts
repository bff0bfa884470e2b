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
  const entities: Entity[] = [];
  const filled = pieces.filter(({ text }) => text !== "");
  let offset = 0;
  for (const piece of filled) {
    entities.push(...moved(piece.entities, offset));
    offset += piece.text.length + separator.length;
  }
  return { text: filled.map(({ text }) => text).join(separator), entities };
}

/** Puts `first` before the first line and as much room before the others. */
export function hanging(first: string, { text, entities }: FormattedText): FormattedText {
  const room = " ".repeat(first.length);
  const lineStarts = [...text.matchAll(/\n(?!\n|$)/g)].map(({ index }) => index + 1);
  const addedBefore = (place: number) => first.length * (1 + lineStarts.filter((start) => start <= place).length);
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

/** The stretch from `start` to `end`: an entity that crosses an edge is cut there. */
export function sliced({ text, entities }: FormattedText, start: number, end: number): FormattedText {
  const within = entities.map((entity) => {
    const from = Math.max(entity.offset, start);
    return { ...entity, offset: from - start, length: Math.min(entity.offset + entity.length, end) - from };
  });
  return { text: text.slice(start, end), entities: within.filter(({ length }) => length > 0) };
}

function moved(entities: readonly Entity[], by: number): Entity[] {
  return entities.map((entity) => ({ ...entity, offset: entity.offset + by }));
}
