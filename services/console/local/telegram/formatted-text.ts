import { badRequest, type Parameters, type Refusal } from "./answer.ts";
import type { Entity } from "./bot-objects.ts";
import { parseHtml } from "./html-markup.ts";
import { entitiesSchema, structure, textOf } from "./parameters.ts";

/** In UTF-16 units, after the markup is taken out (https://core.telegram.org/bots/api#sendmessage). */
export const LONGEST_TEXT = 4096;

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

/** The text of a message that the bot sends, with its entities, or the refusal. */
export function formattedText(parameters: Parameters): FormattedText | Refusal {
  const given = formatted(parameters);
  if ("ok" in given) return given;
  const { text, entities } = trimmed(given);
  if (text === "") return badRequest("message text is empty");
  if (text.length > LONGEST_TEXT) return badRequest("message is too long");
  return { text, entities: withFoundEntities(text, entities) };
}

/** A text as a person sends it: trimmed, with the commands and addresses in it marked. */
export function plainText(text: string): FormattedText {
  const clean = text.trim();
  return { text: clean, entities: withFoundEntities(clean, []) };
}

function formatted(parameters: Parameters): FormattedText | Refusal {
  const text = textOf(parameters, "text");
  switch (textOf(parameters, "parse_mode").toLowerCase()) {
    case "html": {
      const parsed = parseHtml(text);
      if (parsed.ok) return { text: parsed.text, entities: parsed.entities };
      return badRequest(`can't parse entities: ${parsed.problem}`);
    }
    case "markdownv2":
    case "markdown":
      return { text, entities: [] }; // kept as it was written: nothing here needs it parsed
    case "":
      return withGivenEntities(text, parameters);
    default:
      return badRequest("unsupported parse_mode");
  }
}

function withGivenEntities(text: string, parameters: Parameters): FormattedText | Refusal {
  if (parameters.entities === undefined) return { text, entities: [] };
  const given = structure(parameters, "entities", entitiesSchema);
  if (!given.success) return badRequest("can't parse entities: expected an array of MessageEntity");
  if (given.data.some(({ offset, length }) => offset + length > text.length)) {
    return badRequest("can't parse entities: an entity ends beyond the end of the text");
  }
  return { text, entities: given.data };
}

/** Telegram trims a text at both ends, and its entities with it. */
function trimmed({ text, entities }: FormattedText): FormattedText {
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  const moved = entities.map((entity) => {
    const offset = Math.max(entity.offset, start);
    return { ...entity, offset: offset - start, length: Math.min(entity.offset + entity.length, end) - offset };
  });
  return { text: text.trim(), entities: moved.filter(({ length }) => length > 0) };
}

/** What Telegram marks by itself; grammY knows a command by its entity alone. */
const FOUND = [
  { type: "bot_command", pattern: /(?<=^|\s)\/[a-z0-9_]{1,32}(?:@\w+)?(?=\s|$)/gi },
  { type: "url", pattern: /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/gi },
] as const;

function withFoundEntities(text: string, entities: readonly Entity[]): Entity[] {
  const found = FOUND.flatMap(({ type, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ type, offset: match.index, length: match[0].length })),
  );
  const isFree = (one: Entity) =>
    !entities.some((other) => one.offset < other.offset + other.length && other.offset < one.offset + one.length);
  return [...entities, ...found.filter(isFree)].sort((a, b) => a.offset - b.offset || b.length - a.length);
}
