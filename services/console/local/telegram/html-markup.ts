import { ownValue } from "../../../../shared/own-value.ts";
import type { Entity } from "./bot-objects.ts";

export type Parsed =
  | { readonly ok: true; readonly text: string; readonly entities: readonly Entity[] }
  | { readonly ok: false; readonly problem: string };

/** The tags of Telegram's HTML style (https://core.telegram.org/bots/api#html-style) and the entity each makes. */
const ENTITY_OF_TAG: Readonly<Record<string, string>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  u: "underline",
  ins: "underline",
  s: "strikethrough",
  strike: "strikethrough",
  del: "strikethrough",
  span: "spoiler",
  "tg-spoiler": "spoiler",
  "tg-emoji": "custom_emoji",
  code: "code",
  pre: "pre",
  a: "text_link",
  blockquote: "blockquote",
};

const CHARACTER_OF_NAME: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

/** A tag, a character reference, a lone "<", or plain text up to the next of them. */
const TOKEN = /<(?<close>\/)?(?<name>[a-z][a-z0-9-]*)(?<attributes>(?:\s[^>]*)?)>|&(?<reference>#?\w+);|<|[^<&]+|&/gi;

interface OpenTag {
  readonly name: string;
  readonly attributes: string;
  readonly offset: number;
}

/** Reads Telegram's HTML. What does not parse comes back with the words that Telegram has for it. */
export function parseHtml(html: string): Parsed {
  let text = "";
  const entities: Entity[] = [];
  const open: OpenTag[] = [];

  for (const token of html.matchAll(TOKEN)) {
    const { close, name: givenName, attributes = "", reference } = token.groups ?? {};
    const name = givenName?.toLowerCase();
    const at = `at byte offset ${Buffer.byteLength(html.slice(0, token.index))}`;
    if (name === undefined) {
      if (token[0] === "<") return failed(`Unsupported start tag "${tagNameAt(html, token.index)}" ${at}`);
      text += reference === undefined ? token[0] : (characterOf(reference) ?? token[0]);
    } else if (close === undefined) {
      if (!Object.hasOwn(ENTITY_OF_TAG, name)) return failed(`Unsupported start tag "${name}" ${at}`);
      open.push({ name, attributes, offset: text.length });
    } else {
      const tag = open.pop();
      if (!tag) return failed(`Unexpected end tag ${at}`);
      if (tag.name !== name) return failed(`Unmatched end tag ${at}, expected "</${tag.name}>", found "</${name}>"`);
      if (text.length > tag.offset) entities.push(entityOf(tag, text.length, open));
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) return failed(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  return { ok: true, text, entities: inOrder(entities) };
}

function failed(problem: string): Parsed {
  return { ok: false, problem };
}

function tagNameAt(html: string, index: number): string {
  return /^<\/?([^\s>]*)/.exec(html.slice(index, index + 64))?.[1] ?? "";
}

function characterOf(reference: string): string | undefined {
  const digits = /^#(?:(\d+)|x([0-9a-f]+))$/i.exec(reference);
  if (!digits) return ownValue(CHARACTER_OF_NAME, reference);
  const code = digits[1] ? Number.parseInt(digits[1], 10) : Number.parseInt(digits[2] ?? "", 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function entityOf(tag: OpenTag, end: number, around: readonly OpenTag[]): Entity {
  const base = { type: ENTITY_OF_TAG[tag.name] ?? tag.name, offset: tag.offset, length: end - tag.offset };
  if (tag.name === "a") return { ...base, url: attribute(tag, "href") };
  const language = /^language-(.+)$/.exec(attribute(tag, "class"))?.[1];
  const isInPre = tag.name === "code" && around.at(-1)?.name === "pre";
  return isInPre && language ? { ...base, type: "pre", language } : base;
}

function attribute(tag: OpenTag, name: string): string {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(tag.attributes);
  const value = match?.[1] ?? match?.[2] ?? match?.[3] ?? "";
  return value.replace(/&(#?\w+);/g, (whole, reference) => characterOf(reference) ?? whole);
}

/** By place, the outer before the inner; of a code within a pre the one with the language stays. */
function inOrder(entities: readonly Entity[]): Entity[] {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return sorted.filter(
    (entity) =>
      entity.type !== "pre" ||
      entity.language !== undefined ||
      !sorted.some((other) => other.type === "pre" && other.language && other.offset === entity.offset),
  );
}
