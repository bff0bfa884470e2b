/**
 * Generation 1, for who reads. `ended_turns` holds all that usage asks of a turn, so that a year of them is read without
 * its events; `inbox_ignored` counts what nobody was answered, without a walk over the inbox.
 */
export const readingFast = `
  CREATE INDEX ended_turns ON events (event_type, timestamp, parent_id, payload ->> '$.model',
      payload ->> '$.latency_ms', payload ->> '$.input_tokens', payload ->> '$.cached_tokens',
      payload ->> '$.output_tokens', payload ->> '$.cost_usd', payload ->> '$.error_class')
    WHERE event_type IN ('turn.completed', 'turn.failed');
  CREATE INDEX inbox_ignored ON inbox (id) WHERE status = 'ignored';
`;
