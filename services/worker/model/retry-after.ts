/**
 * How long a provider asks to be left alone, in milliseconds; null when it does not say, or not understandably. A date
 * (RFC 9110, 10.2.3) counts from the response's own, which no clock of ours can be wrong about.
 */
export function retryAfterMs(headers: { get(name: string): string | null }): number | null {
  const milliseconds = numberIn(headers.get("retry-after-ms"));
  if (milliseconds !== null) return milliseconds;
  const after = headers.get("retry-after");
  const seconds = numberIn(after);
  if (seconds !== null) return seconds * 1000;
  const until = Date.parse(after ?? "") - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(until) ? null : Math.max(until, 0);
}

function numberIn(header: string | null): number | null {
  return header !== null && /^\s*\d{1,12}(\.\d{1,12})?\s*$/.test(header) ? Number(header) : null;
}
