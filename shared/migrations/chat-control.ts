/**
 * Generation 1, step 2: what the queue has to know beside a text.
 *
 * inbox.kind: a `message` is for the model; a `command` (`/status`) and the press of a `button` are answered by us, and
 * never wait behind a message. inbox.reply: what is sent instead of the model's answer, which stands in history.
 * inbox.alone: it was in hand when a worker crashed, so nothing else runs beside it. What is in hand and what is to run
 * alone have indexes of their own: each claim asks for both.
 */
export const chatControl = `
  ALTER TABLE inbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'message' CHECK (kind IN ('message', 'command', 'button'));
  ALTER TABLE inbox ADD COLUMN sender_id INTEGER;
  ALTER TABLE inbox ADD COLUMN reply_to_message_id INTEGER;
  ALTER TABLE inbox ADD COLUMN callback_id TEXT;
  ALTER TABLE inbox ADD COLUMN reply TEXT;
  ALTER TABLE inbox ADD COLUMN alone INTEGER NOT NULL DEFAULT 0 CHECK (alone IN (0, 1));
  CREATE INDEX inbox_controls ON inbox (id)
    WHERE kind <> 'message' AND status IN ('queued', 'in_progress', 'replying');
  CREATE INDEX inbox_in_hand ON inbox (chat_id) WHERE locked_by IS NOT NULL;
  CREATE INDEX inbox_alone ON inbox (id) WHERE alone = 1 AND status IN ('queued', 'in_progress', 'replying');
  CREATE INDEX inbox_ended_badly ON inbox (id) WHERE status IN ('failed', 'set_aside');
  CREATE INDEX chat_facts ON events (json_extract(payload, '$.chat_id'), event_type) WHERE event_type IN (
    'chat.paired', 'chat.unpaired', 'chat.refused', 'chat.paused', 'chat.resumed', 'chat.renewed', 'chat.parked',
    'chat.unparked', 'chat.migrated');
  CREATE INDEX replies_by_message ON events (json_extract(payload, '$.message_id'))
    WHERE event_type = 'reply.sent';
`;
