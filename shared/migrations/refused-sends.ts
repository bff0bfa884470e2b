/** Generation 1, step 8: a `reply.failed` is an event of an attempt, and may leave the log for an archive with it. */
export const refusedSends = `
  DROP TRIGGER events_refuse_delete;
  CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
    WHEN OLD.event_type NOT IN ('agent.started', 'context.assembled', 'turn.started', 'turn.completed', 'turn.failed',
           'tool_call.started', 'tool_call.completed', 'tool_call.failed', 'control.limit_reached', 'progress.stalled',
           'retry.scheduled', 'retry.exhausted', 'message.set_aside', 'reply.sending', 'reply.sent', 'reply.failed',
           'agent.completed', 'agent.failed')
      OR NOT EXISTS (
           SELECT 1 FROM json_each(
             (SELECT payload FROM events WHERE event_type = 'log.archived' ORDER BY id DESC LIMIT 1), '$.ranges') r
            WHERE OLD.id BETWEEN r.value ->> 0 AND r.value ->> 1)
    BEGIN SELECT RAISE(ABORT, 'events is append-only: an event cannot be deleted'); END;
`;
