import { z } from "zod";
import { scrub } from "../../../shared/config.ts";
import { type Database, sql } from "../../../shared/database.ts";
import type { Tool } from "./tool.ts";

const asked = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .describe("A word or phrase that stands in what was said, as it was written."),
  limit: z.int().min(1).max(20).default(5).describe("How many messages to find at most, the newest first."),
});

/** So many of a chat's newest messages are searched: a scan, and everything else waits while it lasts. */
const SEARCHED = 10_000;

/** Of a long message, so many characters are shown, from so many before what was found. */
const SHOWN = 600;
const SHOWN_BEFORE = 150;

/** LIKE ignores the case of ASCII letters only. */
const FOUND = `
  SELECT role, text, strftime('%Y-%m-%d %H:%M', created_at / 1000, 'unixepoch') AS said
    FROM (SELECT id, role, text, created_at FROM history WHERE chat_id = @chatId ORDER BY id DESC LIMIT ${SEARCHED})
   WHERE role <> 'tool' AND text LIKE @pattern ESCAPE '\\' ORDER BY id DESC LIMIT @limit`;

/** Finds what was said earlier in the very chat that is answered, also before the messages that the model is shown. */
export function createRecall(db: Database): Tool<z.infer<typeof asked>> {
  return {
    name: "recall",
    description: "Finds earlier messages of this chat that hold a word or phrase, also long past ones. Newest first.",
    arguments: asked,
    async run({ query, limit }, { chatId }) {
      const pattern = `%${query.replaceAll(/[\\%_]/g, "\\$&")}%`;
      const rows = sql(db, FOUND).all({ chatId, pattern, limit }) as Found[];
      if (rows.length === 0) return "Nothing was found.";
      return rows.map(({ role, said, text }) => `${said} UTC, ${role}: ${excerptOf(scrub(text), query)}`).join("\n\n");
    },
  };
}

interface Found {
  readonly role: "user" | "assistant";
  readonly said: string;
  readonly text: string;
}

/** To be cut out of a scrubbed text: half a secret would not be known for one. */
function excerptOf(text: string, query: string): string {
  const from = Math.max(text.toLowerCase().indexOf(query.toLowerCase()) - SHOWN_BEFORE, 0);
  return text.slice(from, from + SHOWN).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, ""); // half a pair is no text
}
