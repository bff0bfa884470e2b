/** "2030-01-31T12:00:00.000Z", or that it is none: what was stored may lie beyond every date. */
export function isoTime(at: number | Date): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "at no date" : date.toISOString();
}
