/**
 * Generation 1, step 4, for who reads: all that usage asks of a turn, so that a year is told without the events.
 */
export const endedTurns = `
  CREATE INDEX ended_turns ON events (event_type, timestamp, parent_id, payload ->> '$.model',
      payload ->> '$.latency_ms', payload ->> '$.input_tokens', payload ->> '$.cached_tokens',
      payload ->> '$.output_tokens', payload ->> '$.cost_usd', payload ->> '$.error_class')
    WHERE event_type IN ('turn.completed', 'turn.failed');
`;
