import { type Database, sql } from "../../../shared/database.ts";
import { revisionHistory } from "../../../shared/revision-history.ts";

/** What can be asked for while a command line is typed. */
export const KINDS = ["image", "message", "chat"] as const;
export type Kind = (typeof KINDS)[number];

/** More than that nobody chooses from. */
const MOST = 30;

/** The newest of a kind, each once. */
export function completingWords(db: Database, kind: Kind): string[] {
  if (kind === "image") return [...new Set(revisionHistory(db, MOST).map(({ revision }) => revision))];
  const words = sql(db, NEWEST[kind]).pluck().all() as number[];
  return [...new Set(words)].map(String);
}

const NEWEST = {
  message: `SELECT id FROM inbox ORDER BY id DESC LIMIT ${MOST}`,
  chat: `SELECT chat_id FROM inbox WHERE chat_id IS NOT NULL ORDER BY id DESC LIMIT ${MOST}`,
};
