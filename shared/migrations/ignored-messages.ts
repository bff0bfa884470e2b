/**
 * Generation 1, step 7, for who reads: what nobody answered, and what an operator let go, are few among many messages.
 */
export const ignoredMessages = `
  CREATE INDEX inbox_ignored ON inbox (id) WHERE status = 'ignored' AND error IS NOT 'dropped';
  CREATE INDEX inbox_dropped ON inbox (id) WHERE status = 'ignored' AND error = 'dropped';
`;
