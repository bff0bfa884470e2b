import { type Database, sql } from "../../../shared/database.ts";
import { type AccessSettings, namedOwner } from "../intake/access.ts";

export interface OwnerSettings extends AccessSettings {
  readonly botId: number;
}

export interface OwnerChat {
  readonly chatId: number;
  /** Nobody named it: it may be a stranger's, and is not shown what the worker logged. */
  readonly isGuess: boolean;
}

/** The chat in which the operator is told: the owner's, else the one answered last; or null. */
export function ownerChat(db: Database, settings: OwnerSettings): OwnerChat | null {
  const named = namedOwner(db, settings);
  if (named !== null) return { chatId: named, isGuess: false };
  const chatId = chatAnsweredLast(db, settings.botId);
  return chatId === null ? null : { chatId, isGuess: true };
}

function chatAnsweredLast(db: Database, botId: number): number | null {
  const query = "SELECT chat_id FROM inbox WHERE status = 'done' AND bot_id = ? ORDER BY id DESC LIMIT 1";
  return (sql(db, query).pluck().get(botId) as number | undefined) ?? null;
}
