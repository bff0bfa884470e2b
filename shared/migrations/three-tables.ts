/**
 * `events` is append-only: no UPDATE, no DELETE, and no INSERT over an id that exists, because INSERT OR REPLACE
 * deletes the old row without firing a delete trigger. The CHECK keeps ids growing: a row with id -1 would make every
 * later AUTOINCREMENT fail. Every time is in Unix milliseconds. The supervisor's journal is this table, too.
 */
export const eventsTable = `
  CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
    timestamp  INTEGER NOT NULL DEFAULT (CAST(round(unixepoch('subsec') * 1000) AS INTEGER)),
    parent_id  INTEGER REFERENCES events (id),
    event_type TEXT NOT NULL,
    payload    TEXT CHECK (payload IS NULL OR json_type(payload) = 'object')
  ) STRICT;
  CREATE INDEX events_by_type ON events (event_type);
  CREATE INDEX events_by_parent ON events (parent_id) WHERE parent_id IS NOT NULL;
  CREATE INDEX processes_by_instance ON events (json_extract(payload, '$.instance'))
    WHERE event_type = 'process.started';
  CREATE INDEX starts_by_bot ON events (json_extract(payload, '$.bot_id')) WHERE event_type = 'process.started';
  CREATE INDEX answers_by_request ON events (json_extract(payload, '$.request_id'))
    WHERE event_type IN ('deploy.started', 'deploy.rejected', 'rollback.started', 'rollback.rejected');
  CREATE INDEX attempts_by_task ON events (json_extract(payload, '$.task_id')) WHERE event_type = 'agent.started';
  CREATE INDEX exits_by_instance ON events (json_extract(payload, '$.instance')) WHERE event_type = 'worker.exited';
  CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events is append-only: an event cannot be changed'); END;
  CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events is append-only: an event cannot be deleted'); END;
  CREATE TRIGGER events_refuse_replace BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'events is append-only: an event cannot be replaced'); END;
`;

/**
 * Generation 1, step 1.
 *
 * inbox.status: `queued` waits for a worker; `in_progress` is claimed and has no reply stored yet; `replying` has its
 * reply stored in history and is being delivered; `done`, `failed`, `set_aside` and `ignored` are the ends.
 */
export const threeTables = `${eventsTable}
  CREATE TABLE inbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    bot_id       INTEGER NOT NULL,
    epoch        INTEGER NOT NULL DEFAULT 0,
    update_id    INTEGER NOT NULL,
    chat_id      INTEGER,
    message_id   INTEGER,
    text         TEXT,
    message_date INTEGER,
    status       TEXT NOT NULL CHECK (status IN
                   ('queued', 'in_progress', 'replying', 'done', 'failed', 'set_aside', 'ignored')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    locked_at    INTEGER,
    locked_by    INTEGER REFERENCES events (id),
    not_before   INTEGER,
    error        TEXT,
    created_at   INTEGER NOT NULL DEFAULT (CAST(round(unixepoch('subsec') * 1000) AS INTEGER)),
    updated_at   INTEGER NOT NULL DEFAULT (CAST(round(unixepoch('subsec') * 1000) AS INTEGER)),
    UNIQUE (bot_id, epoch, update_id)
  ) STRICT;
  CREATE INDEX inbox_open ON inbox (chat_id, id) WHERE status IN ('queued', 'in_progress', 'replying');

  CREATE TABLE history (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL,
    inbox_id   INTEGER REFERENCES inbox (id),
    role       TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
    text       TEXT NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (CAST(round(unixepoch('subsec') * 1000) AS INTEGER))
  ) STRICT;
  CREATE INDEX history_by_chat ON history (chat_id);
  CREATE INDEX history_by_message ON history (inbox_id);
`;
