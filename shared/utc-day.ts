const DAY_MS = 86_400_000;

/** The first moment of a moment's calendar day in UTC; both in Unix milliseconds. */
export function startOfUtcDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** Of a year's turns each asks for its day, and most for the same as the one before: to name it anew takes its time. */
let named = { start: Number.NaN, day: "" };

/** A moment's calendar day in UTC, as 2026-01-31. */
export function utcDay(at: number): string {
  const start = startOfUtcDay(at);
  if (start !== named.start) named = { start, day: new Date(at).toISOString().slice(0, 10) };
  return named.day;
}
