import { migratedFrom, pairedChat } from "../../../shared/chat-state.ts";
import type { Database } from "../../../shared/database.ts";

/** Whom the bot answers, by the ids of chats or of people. */
export type AllowedChats =
  | { readonly kind: "everyone" }
  | { readonly kind: "listed"; readonly ids: ReadonlySet<number> };

/** A chat, or each that is answered: of a Telegram that is one's own. Null: nobody says. */
export type OwnerChat = number | "every chat" | null;

export interface AccessSettings {
  readonly allowed: AllowedChats;
  /** TELEGRAM_OWNER_CHAT */
  readonly ownerChat: OwnerChat;
}

export interface Visitor {
  readonly chatId: number;
  readonly senderId: number | null;
}

/** Default deny: a listed chat or person, the owner, or a supergroup that a listed group became. */
export function isAllowed(db: Database, { allowed, ownerChat }: AccessSettings, visitor: Visitor): boolean {
  if (allowed.kind === "everyone") return true;
  const owner = ownerChat ?? pairedChat(db);
  const ids = [visitor.chatId, visitor.senderId, migratedFrom(db, visitor.chatId)];
  return ids.some((id) => id !== null && (id === owner || allowed.ids.has(id)));
}

/** The named one, else the paired one, else the first that is allowed; null when nobody is named at all. */
export function namedOwner(db: Database, { allowed, ownerChat }: AccessSettings): number | null {
  const [firstAllowed] = allowed.kind === "listed" ? allowed.ids : [];
  const named = ownerChat === "every chat" ? null : ownerChat;
  return named ?? pairedChat(db) ?? firstAllowed ?? null;
}

/** Who may deploy. A group that is merely the first of the list is not meant to: its ids are negative. */
export function isOwner(db: Database, settings: AccessSettings, { chatId, senderId }: Visitor): boolean {
  if (settings.ownerChat === "every chat") return isAllowed(db, settings, { chatId, senderId });
  const owner = namedOwner(db, settings);
  if (owner === null) return false;
  const isNamed = owner === (settings.ownerChat ?? pairedChat(db));
  return (isNamed || owner > 0) && [chatId, senderId, migratedFrom(db, chatId)].includes(owner);
}

/** Whether the bot waits for its owner: nobody is listed, named or paired. */
export function awaitsOwner(db: Database, settings: AccessSettings): boolean {
  return settings.allowed.kind === "listed" && namedOwner(db, settings) === null;
}
