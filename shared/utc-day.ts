const DAY_MS = 86_400_000;

/** The first moment of a moment's calendar day in UTC; both in Unix milliseconds. */
export function startOfUtcDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** A moment's calendar day in UTC, as 2026-01-31. */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
