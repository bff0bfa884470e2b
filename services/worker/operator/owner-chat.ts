import { type Database, sql } from "../../../shared/database.ts";
import type { AllowedChats } from "../updates.ts";

export interface OwnerSettings {
  readonly botId: number;
  /** TELEGRAM_OWNER_CHAT */
  readonly ownerChat: number | null;
  readonly allowed: AllowedChats;
}

export interface OwnerChat {
  readonly chatId: number;
  /** Nobody named it: it may be a stranger's, and is not shown what the worker logged. */
  readonly isGuess: boolean;
}

/** The chat in which the operator is told: the named one, else the first allowed, else the one answered last; or null. */
export function ownerChat(db: Database, { botId, ownerChat, allowed }: OwnerSettings): OwnerChat | null {
  const [firstAllowed] = allowed.kind === "listed" ? allowed.ids : [];
  const named = ownerChat ?? firstAllowed;
  if (named !== undefined) return { chatId: named, isGuess: false };
  const chatId = chatAnsweredLast(db, botId);
  return chatId === null ? null : { chatId, isGuess: true };
}

function chatAnsweredLast(db: Database, botId: number): number | null {
  const query = "SELECT chat_id FROM inbox WHERE status = 'done' AND bot_id = ? ORDER BY id DESC LIMIT 1";
  return (sql(db, query).pluck().get(botId) as number | undefined) ?? null;
}
