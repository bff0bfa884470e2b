import { type Database, sql } from "../../../shared/database.ts";
import { isImageReference } from "../../../shared/image-reference.ts";
import { revisionHistory } from "../../../shared/revision-history.ts";
import { imagesHere } from "./images-here.ts";

/** What can be asked for while a command line is typed. */
export const KINDS = ["image", "message", "chat"] as const;
export type Kind = (typeof KINDS)[number];

/** More than that nobody chooses from. */
const MOST = 30;

/**
 * The newest of a kind, each once. Images are those that are here, where the engine's socket can be asked, else those of
 * the log; what is no reference of an image is not offered.
 */
export async function completingWords(db: Database, kind: Kind, socket: string): Promise<string[]> {
  const words = kind === "image" ? await images(db, socket) : numbers(db, kind);
  return [...new Set(words)].slice(0, MOST);
}

async function images(db: Database, socket: string): Promise<string[]> {
  const known = revisionHistory(db, MOST).map(({ revision }) => revision);
  const references = known.filter(isImageReference);
  return (await imagesHere(socket, references)) ?? references;
}

function numbers(db: Database, kind: "message" | "chat"): string[] {
  const words = sql(db, NEWEST[kind]).pluck().all() as number[];
  return words.map(String).filter((word) => /^-?\d+$/.test(word));
}

const NEWEST = {
  message: `SELECT id FROM inbox ORDER BY id DESC LIMIT ${MOST}`,
  chat: `SELECT chat_id FROM inbox WHERE chat_id IS NOT NULL ORDER BY id DESC LIMIT ${MOST}`,
};
