import { inspect } from "node:util";

export const REDACTED = "[redacted]";

/**
 * Shapes that are secrets whoever owns them: a bot token, an OpenAI-style key, a header's, the password in a URL; and what
 * is left of them. Each is found by how it begins: what looks behind is asked at every character.
 */
const KNOWN_PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}/g, REDACTED],
  [/\bsk-[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/((?:Bearer|Basic)\s)[A-Za-z0-9._~+/-]{16,}=*/gi, `$1${REDACTED}`],
  [/(:\/\/[^\s/:@"\\]*:)[^\s/@"\\]+(?=@)/g, `$1${REDACTED}`],
];

/** A shorter value would blank out ordinary words. */
const SHORTEST_SECRET = 6;

/** What guides have people set as the key of a server that asks for none: people talk about these. */
const NO_SECRETS: ReadonlySet<string> = new Set(["ollama", "lm-studio", "not-needed", "no-key"]);

/**
 * A function that blanks every given secret, as it is, as JSON, Node or a URL writes it and line by line, and every known
 * pattern. It stands before each place that keeps text: log lines, events, stored errors, what the model is sent.
 */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets
    .flatMap((secret) => [secret, ...secret.split(/\s*\n\s*/)])
    .filter((secret) => secret.length >= SHORTEST_SECRET && !NO_SECRETS.has(secret))
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      inspect(secret).slice(1, -1),
      encodeURIComponent(secret),
    ]);
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const spelling of longestFirst) clean = clean.replaceAll(spelling, REDACTED);
    for (const [pattern, left] of KNOWN_PATTERNS) clean = clean.replace(pattern, left);
    return clean;
  };
}
