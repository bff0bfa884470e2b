/** Names in snake_case, as the tables and the payloads have them; a Date becomes ISO 8601. */
export function json(value: unknown, indent = 0): string {
  const renamed = (_key: string, part: unknown) => (isRecord(part) ? withSnakeNames(part) : part);
  return JSON.stringify(value, renamed, indent);
}

/** A `timestamp` in Unix milliseconds is for programs that compute; whoever reads JSON gets what people can read too. */
export function eventForJson<T extends { readonly timestamp: number }>(event: T) {
  return { ...event, timestamp: new Date(event.timestamp) };
}

function withSnakeNames(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, part]) => [snake(name), part]));
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
