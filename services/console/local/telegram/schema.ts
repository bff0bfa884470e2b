import { type Database, inTransaction } from "../../../../shared/database.ts";

/** Update ids start where a bot that has been in use for a while would be; chat ids look like those of private chats. */
const FIRST_UPDATE_ID = 584_310_027;
const FIRST_CHAT_ID = 1001;

/**
 * The file of the local Telegram, and of nobody else. Times are in Unix seconds, as Telegram's are.
 *
 * `messages.change_id` grows with every new and every edited message, over all chats: who has seen change n asks for
 * what is above n and misses nothing. `updates` holds what the bot has not confirmed yet; AUTOINCREMENT keeps the id of
 * a confirmed one from being given again. `bot` has one row: what the bot has asked Telegram to remember.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS chats (
    chat_id    INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    chat_id    INTEGER NOT NULL REFERENCES chats (chat_id),
    message_id INTEGER NOT NULL,
    sender     TEXT NOT NULL CHECK (sender IN ('person', 'bot')),
    date       INTEGER NOT NULL,
    edit_date  INTEGER,
    text       TEXT NOT NULL,
    entities   TEXT NOT NULL DEFAULT '[]',
    keyboard   TEXT,
    reply_to   INTEGER,
    change_id  INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (chat_id, message_id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS changes_by_chat ON messages (chat_id, change_id);
  CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    content   TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS callback_queries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS bot (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    allowed_updates TEXT NOT NULL DEFAULT '[]',
    commands        TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  INSERT OR IGNORE INTO bot (id) VALUES (1);
`;

/** Makes what is missing, and keeps what is there. */
export function createTables(db: Database): void {
  inTransaction(db, () => {
    db.exec(TABLES);
    startAt(db, "chats", FIRST_CHAT_ID);
    startAt(db, "updates", FIRST_UPDATE_ID);
  });
}

function startAt(db: Database, table: string, first: number): void {
  const unused = "NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $table)";
  db.prepare(`INSERT INTO sqlite_sequence (name, seq) SELECT $table, $before WHERE ${unused}`).run({
    table,
    before: first - 1,
  });
}
