import type { LocalTelegram } from "../../services/console/local/telegram/local-telegram.ts";
import { type Kind, question } from "./numbered.ts";
import type { Chance } from "./random.ts";
import type { Arrived } from "./verdict.ts";

export interface Question {
  readonly number: number;
  readonly chatId: number;
  readonly updateId: number;
}

/** Of other questions, one in so many is long, and one calls a tool; of all, one in so many quotes a certain secret. */
const RARE = 12;

/** Who asks the numbered questions, each in one of the chats, and sees what comes back there. */
export function createPeople(
  { db, person }: LocalTelegram,
  chance: Chance,
  among: { readonly chats: number; readonly secrets: readonly string[] },
) {
  const chats = Array.from({ length: among.chats }, () => person.startChat());
  const asked: Question[] = [];

  function ask(kind: Kind): void {
    const number = asked.length + 1;
    const chatId = chats[chance.below(chats.length)] ?? 0;
    const { update_id: updateId } = person.send(chatId, withSecret(question(number, kind)));
    if (updateId === null) throw new Error("the worker does not allow messages");
    asked.push({ number, chatId, updateId });
  }

  function withSecret(text: string): string {
    const secret = among.secrets[chance.below(RARE)];
    return secret === undefined ? text : `${text}; and what is ${secret}?`;
  }

  return {
    asked,
    ask,
    askAnything: () => ask((["long", "tool"] as const)[chance.below(RARE)] ?? "plain"),
    /** All that the bot wrote, in the order of each chat. */
    arrived(): Arrived[] {
      const query = `SELECT chat_id AS chatId, text FROM messages WHERE sender = 'bot' ORDER BY chat_id, message_id`;
      return db.prepare(query).all() as Arrived[];
    },
    /** Updates that no poll has confirmed. */
    pending: () => Number(db.prepare("SELECT count(*) FROM updates").pluck().get()),
  };
}
