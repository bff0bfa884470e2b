import { z } from "zod";
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

/** LIKE ignores the case of ASCII letters only. The excerpts are cut by SQLite: it counts characters, and tears none. */
const FOUND = `
  SELECT role, substr(text, max(1, instr(lower(text), lower(@query)) - ${SHOWN_BEFORE}), ${SHOWN}) AS excerpt,
         strftime('%Y-%m-%d %H:%M', created_at / 1000, 'unixepoch') AS said
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
      const rows = sql(db, FOUND).all({ chatId, query, pattern, limit }) as Found[];
      if (rows.length === 0) return "Nothing was found.";
      return rows.map(({ role, said, excerpt }) => `${said} UTC, ${role}: ${excerpt}`).join("\n\n");
    },
  };
}

interface Found {
  readonly role: "user" | "assistant";
  readonly said: string;
  readonly excerpt: string;
}
