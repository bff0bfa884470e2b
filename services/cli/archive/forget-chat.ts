import { join } from "node:path";
import { type Database, inTransaction, openDatabase, openReadOnly, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { archivesIn } from "../../../shared/files.ts";
import { rebuild } from "./rebuild.ts";

/** What was said in a chat: messages that keep a text, what history keeps, and messages in archives. */
export interface ChatText {
  readonly messages: number;
  readonly said: number;
  readonly archived: number;
  /** Messages that are not answered yet: they have to keep their text. */
  readonly open: number;
}

export interface Forgotten extends ChatText {
  /** False when older versions of it may still be read from room in the file that nothing uses. */
  readonly overwritten: boolean;
}

export interface Kept {
  readonly db: Database;
  readonly stateDir: string;
}

/** A chat, the groups that became it, and what it became: their text is of the same people. */
export function chatsAlike(db: Database, chatId: number): number[] {
  const query = `
    WITH RECURSIVE alike (id) AS (
      SELECT @chatId
      UNION SELECT CASE m.payload ->> '$.chat_id' WHEN alike.id THEN m.payload ->> '$.to_chat_id' ELSE m.payload ->> '$.chat_id' END
        FROM alike JOIN events m ON m.event_type = 'chat.migrated'
         AND alike.id IN (m.payload ->> '$.chat_id', m.payload ->> '$.to_chat_id'))
    SELECT id FROM alike`;
  return sql(db, query).pluck().all({ chatId }) as number[];
}

/** What there is to be erased. */
export function textOfChat({ db, stateDir }: Kept, chatId: number): ChatText {
  const chats = JSON.stringify(chatsAlike(db, chatId));
  return {
    messages: countIn(db, `inbox WHERE ${ENDED_WITH_TEXT}`, chats),
    said: countIn(db, `history WHERE ${ENDED_HISTORY}`, chats),
    archived: inArchives(stateDir, openReadOnly, (archive) => countIn(archive, `inbox WHERE ${WITH_TEXT}`, chats)),
    open: countIn(db, OPEN_ROWS, chats),
  };
}

/**
 * Erases what people wrote, and what was answered, from the inbox, from history and from the archives beside. The events
 * stay: they carry none of it. What is not answered yet stays too. To be repeated when it was cut short.
 */
export function forgetChat({ db, stateDir }: Kept, chatId: number, by: string): Forgotten {
  const chats = JSON.stringify(chatsAlike(db, chatId));
  const archived = inArchives(stateDir, openArchive, (archive) => eraseIn(archive, chats));
  db.pragma(OVERWRITE);
  const erased = inTransaction(db, () => {
    const messages = sql(db, `${ERASE_TEXT} WHERE ${ENDED_WITH_TEXT}`).run({ chats }).changes;
    const said = sql(db, `DELETE FROM history WHERE ${ENDED_HISTORY}`).run({ chats }).changes;
    if (messages + said + archived > 0) {
      const payload = { by, chat_id: chatId, messages: messages + archived, said };
      logEvent(db, null, EventType.ChatForgotten, payload);
    }
    return { messages, said, archived, open: countIn(db, OPEN_ROWS, chats) };
  });
  return { ...erased, overwritten: rebuild(db) };
}

/** What is freed is filled with zeros, also where the file is not rebuilt. */
const OVERWRITE = "secure_delete = ON";

const OF_CHATS = "chat_id IN (SELECT value FROM json_each(@chats))";
const OPEN = "status IN ('queued', 'in_progress', 'replying')";
const OPEN_ROWS = `inbox INDEXED BY inbox_open WHERE ${OF_CHATS} AND ${OPEN}`;
const WITH_TEXT = `${OF_CHATS} AND (text IS NOT NULL OR reply IS NOT NULL)`;
const ENDED_WITH_TEXT = `${WITH_TEXT} AND NOT (${OPEN})`;
const ENDED_HISTORY = `${OF_CHATS}
    AND (inbox_id IS NULL OR inbox_id NOT IN (SELECT id FROM inbox INDEXED BY inbox_open WHERE ${OPEN}))`;
const ERASE_TEXT = "UPDATE inbox SET text = NULL, reply = NULL";

function countIn(db: Database, rows: string, chats: string): number {
  return Number(sql(db, `SELECT count(*) FROM ${rows}`).pluck().get({ chats }));
}

function inArchives(stateDir: string, open: (file: string) => Database, work: (archive: Database) => number): number {
  return archivesIn(stateDir).reduce((sum, name) => {
    const archive = open(join(stateDir, name));
    try {
      return sum + work(archive);
    } finally {
      archive.close();
    }
  }, 0);
}

function openArchive(file: string): Database {
  return openDatabase(file, "DELETE");
}

/** Rebuilt even when nothing was left to erase: whoever erased it may have been killed before. */
function eraseIn(archive: Database, chats: string): number {
  archive.pragma(OVERWRITE);
  const { changes } = sql(archive, `${ERASE_TEXT} WHERE ${WITH_TEXT}`).run({ chats });
  archive.exec("VACUUM");
  return changes;
}
