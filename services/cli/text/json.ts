/** Names in snake_case, as the tables and the payloads have them; a Date becomes ISO 8601. */
export function json(value: unknown): string {
  return JSON.stringify(withSnakeNames(value));
}

/** The same for people too: indented, as the lines that it has. */
export function jsonLines(value: unknown): string[] {
  return JSON.stringify(withSnakeNames(value), null, 2).split("\n");
}

/** A `timestamp` in Unix milliseconds is for programs that compute; whoever reads JSON gets what people can read too. */
export function eventForJson<T extends { readonly timestamp: number }>(event: T) {
  return { ...event, timestamp: new Date(event.timestamp) };
}

function withSnakeNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSnakeNames);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [snake(name), HOLDS_DATA.has(name) ? part : withSnakeNames(part)]),
  );
}

/** What stands there as a name is somebody's: a model's, a tool's. */
const HOLDS_DATA: ReadonlySet<string> = new Set(["payload", "tools"]);

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}
