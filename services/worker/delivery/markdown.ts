import { chained, type FormattedText, hanging, joined, plain, wrapped } from "./formatted-text.ts";
import { markdownBlocks } from "./markdown-blocks.ts";
import { createMarkdownReader, type MarkedToken, type Token, type Tokens } from "./metered-lexer.ts";
import { tableText } from "./table-text.ts";

/** Models write a few thousand characters; more than this is no answer for a chat, and is shown as it was written. */
const LONGEST_MARKDOWN = 50_000;

/**
 * Markdown as Telegram shows it: without its marks, and with entities instead. What Telegram has no entity for is
 * written with characters. Never throws: what cannot be read, or not soon enough, is left as it was written.
 */
export function fromMarkdown(markdown: string): FormattedText {
  if (markdown.length > LONGEST_MARKDOWN) return plain(markdown);
  const reader = createMarkdownReader();
  const read = markdownBlocks(markdown).map((block) => ({ block, tokens: reader.read(block) }));
  reader.readInline();
  return chained(
    read.map(({ block: { text, separator }, tokens }) => ({
      piece: tokens === null ? plain(text.trim()) : blocks(tokens),
      separator,
    })),
  );
}

function blocks(tokens: readonly Token[], separator = "\n\n"): FormattedText {
  return joined(tokens.map(block), separator);
}

function block(token: Token): FormattedText {
  const known = token as MarkedToken; // no extension is registered, so there are no others
  switch (known.type) {
    case "heading":
      return wrapped(inline(known.tokens), { type: "bold" });
    case "paragraph":
      return inline(known.tokens);
    case "text":
      return known.tokens ? inline(known.tokens) : plain(unescaped(known.text));
    case "code":
      return wrapped(plain(known.text), { type: "pre", ...languageOf(known) });
    case "blockquote":
      return wrapped(blocks(known.tokens), { type: "blockquote" });
    case "list":
      return joined(
        known.items.map((item, index) => listItem(known, item, index)),
        known.loose ? "\n\n" : "\n",
      );
    case "table":
      return wrapped(plain(tableText(cellTexts(known), known.align) ?? known.raw.trimEnd()), { type: "pre" });
    case "hr":
      return plain("———");
    case "html":
      return plain(known.text.trim());
    case "space":
    case "def":
    case "checkbox":
      return plain("");
    default:
      return inline([token]);
  }
}

function listItem(list: Tokens.List, item: Tokens.ListItem, index: number): FormattedText {
  const marker = list.ordered ? `${Number(list.start) + index}. ` : item.task ? TASK[`${item.checked === true}`] : "• ";
  const content = blocks(item.tokens, item.loose ? "\n\n" : "\n");
  return content.text === "" ? plain(marker.trimEnd()) : hanging(marker, content);
}

function cellTexts({ header, rows }: Tokens.Table): string[][] {
  return [header, ...rows].map((cells) => cells.map(({ tokens }) => inline(tokens).text));
}

const TASK = { true: "☑ ", false: "☐ " } as const;

function inline(tokens: readonly Token[]): FormattedText {
  return joined(tokens.map(span), "");
}

function span(token: Token): FormattedText {
  const known = token as MarkedToken;
  switch (known.type) {
    case "strong":
      return wrapped(inline(known.tokens), { type: "bold" });
    case "em":
      return wrapped(inline(known.tokens), { type: "italic" });
    case "del":
      return wrapped(inline(known.tokens), { type: "strikethrough" });
    case "codespan":
      return wrapped(plain(known.text), { type: "code" });
    case "link":
      return link(inline(known.tokens), known.href);
    case "image":
      return link(plain(known.text || known.href), known.href);
    case "br":
      return plain("\n");
    case "html":
      return plain(/^<br\s*\/?>$/i.test(known.raw) ? "\n" : known.raw);
    case "escape":
      return plain(known.text);
    case "text":
      return known.tokens ? inline(known.tokens) : plain(unescaped(known.text));
    case "checkbox":
      return plain("");
    default:
      return plain(token.raw);
  }
}

/** Telegram finds an address by itself, and takes no link to anything else than these. */
function link(label: FormattedText, href: string): FormattedText {
  if (label.text === href) return plain(href);
  if (!/^(https?|tg|mailto|tel):/i.test(href)) return joined([label, plain(href === "" ? "" : ` (${href})`)], "");
  return wrapped(label, { type: "text_link", url: href });
}

function languageOf({ lang }: Tokens.Code): { language?: string } {
  const language = /^[\w#+.-]+/.exec(lang ?? "")?.[0];
  return language ? { language } : {};
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The parser leaves character references to whoever writes HTML. */
function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|(amp|lt|gt|quot|apos|nbsp));/g, (whole, code, name) =>
    name ? (NAMED[name] ?? whole) : String.fromCodePoint(Number(code)).toWellFormed(),
  );
}
