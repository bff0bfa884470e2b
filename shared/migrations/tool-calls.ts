/** Generation 1, step 6, for who reads: a year of tool calls is counted without their events. */
export const toolCalls = `
  CREATE INDEX tool_calls ON events (event_type, payload ->> '$.tool_name')
    WHERE event_type IN ('tool_call.started', 'tool_call.failed');
`;
