import { join } from "node:path";
import { type Database, inTransaction, openDatabase, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { archivesIn } from "../../../shared/files.ts";

/** What was erased: messages that kept a text, what history kept, and messages in archives. */
export interface Forgotten {
  readonly messages: number;
  readonly said: number;
  readonly archived: number;
  /** Messages that are not answered yet: they have to keep their text. */
  readonly open: number;
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

/**
 * Erases what people wrote, and what was answered, from the inbox, from history and from the archives beside. The events
 * stay: they carry none of it. What is not answered yet stays too. To be repeated when it was cut short.
 */
export function forgetChat(
  { db, stateDir }: { readonly db: Database; readonly stateDir: string },
  chatId: number,
  by: string,
): Forgotten {
  const chats = JSON.stringify(chatsAlike(db, chatId));
  const archived = archivesIn(stateDir).reduce((sum, name) => sum + eraseIn(join(stateDir, name), chats), 0);
  db.pragma(OVERWRITE);
  const erased = inTransaction(db, () => {
    const messages = sql(db, `${ERASE_TEXT} AND NOT (${OPEN})`).run({ chats }).changes;
    const said = sql(db, ERASE_HISTORY).run({ chats }).changes;
    if (messages + said + archived > 0) {
      const payload = { by, chat_id: chatId, messages: messages + archived, said };
      logEvent(db, null, EventType.ChatForgotten, payload);
    }
    return { messages, said, archived, open: Number(sql(db, COUNT_OPEN).pluck().get({ chats })) };
  });
  db.pragma("wal_checkpoint(TRUNCATE)"); // the log in front of the file had it too
  return erased;
}

/** What is freed is filled with zeros, or it could still be read from the file. */
const OVERWRITE = "secure_delete = ON";

const OF_CHATS = "chat_id IN (SELECT value FROM json_each(@chats))";
const OPEN = "status IN ('queued', 'in_progress', 'replying')";
const ERASE_TEXT = `UPDATE inbox SET text = NULL, reply = NULL
    WHERE ${OF_CHATS} AND (text IS NOT NULL OR reply IS NOT NULL)`;
const ERASE_HISTORY = `DELETE FROM history WHERE ${OF_CHATS}
    AND (inbox_id IS NULL OR inbox_id NOT IN (SELECT id FROM inbox INDEXED BY inbox_open WHERE ${OPEN}))`;
const COUNT_OPEN = `SELECT count(*) FROM inbox INDEXED BY inbox_open WHERE ${OF_CHATS} AND ${OPEN}`;

function eraseIn(file: string, chats: string): number {
  const archive = openDatabase(file, "DELETE");
  try {
    archive.pragma(OVERWRITE);
    return sql(archive, ERASE_TEXT).run({ chats }).changes;
  } finally {
    archive.close();
  }
}
