import type { Clock } from "../../../../shared/clock.ts";
import type { Database } from "../../../../shared/database.ts";
import type { AnswerCall } from "./answer.ts";
import { type Bell, createBell } from "./bell.ts";
import { botUser, type User } from "./bot-objects.ts";
import { createMethods } from "./methods.ts";
import { createPerson, type Person } from "./person.ts";
import { createPresence, type Presence } from "./presence.ts";
import { createTables } from "./schema.ts";

/** One bot and the people who chat with it: the bot's side is `answer`, the people's side is the rest. */
export interface LocalTelegram {
  readonly db: Database;
  readonly bot: User;
  readonly answer: AnswerCall;
  readonly person: Person;
  readonly presence: Presence;
  /** Rung whenever the chat page may have something new to show. */
  readonly changed: Bell;
}

/** @param db the file of the local Telegram; all that is not in it is forgotten by a restart, and may be */
export function createLocalTelegram(ports: { db: Database; clock: Clock }, settings: { token: string }): LocalTelegram {
  const { db, clock } = ports;
  createTables(db);
  const bot = botUser(settings.token);
  const changed = createBell(clock);
  const arrivals = createBell(clock);
  const presence = createPresence(clock, changed);
  const answer = createMethods({ db, clock, presence, arrivals, changed }, bot);
  const person = createPerson({ db, clock, arrivals, changed }, bot);
  return { db, bot, answer, person, presence, changed };
}
