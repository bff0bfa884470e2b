export const REDACTED = "[redacted]";

/** Shapes that are secrets whoever owns them: a Telegram bot token, an OpenAI-style key, a bearer header. */
const KNOWN_PATTERNS = [
  /(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\b(?<=Bearer\s)[A-Za-z0-9._~+/-]{16,}=*/gi,
];

/** A shorter value would blank out ordinary words. */
const SHORTEST_SECRET = 6;

/**
 * A function that blanks every given secret, as it is, as JSON writes it and as a URL writes it, and every known
 * pattern. It stands before each place that keeps text: log lines, events, stored errors, what the model is sent.
 */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const spelling of longestFirst) clean = clean.replaceAll(spelling, REDACTED);
    for (const pattern of KNOWN_PATTERNS) clean = clean.replace(pattern, REDACTED);
    return clean;
  };
}
