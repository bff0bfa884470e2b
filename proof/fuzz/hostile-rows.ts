import { EventType } from "../../shared/event-types.ts";
import { type Field, PAYLOAD_SHAPES } from "../../shared/payloads/payload-shapes.ts";
import { pick, TAGS } from "./acts.ts";

/** What a row may say for each kind of field: what would be believed, what no type has, and what breaks a reader. */
const TEXTS = [
  "worker:a",
  "worker:b",
  "evil.example/x:1",
  "sha256:b",
  "",
  "\u202e\u0007",
  "x".repeat(3000),
  "telegram",
];
const NUMBERS = [0, 1, 2, 5, -1, 0.5, 2 ** 31, 2 ** 53, 9e15, 1e300];
/** As text, because SQLite takes more than JSON: 5 is what it calls JSON5. */
const ODD = ["null", "true", "[]", "{}", '"a"', "[[1,2]]", "{a:1}", "1e999", '{"__proto__":{"x":1}}'];

type Random = () => number;

/** A payload of a type, well formed or not. */
export function forgedPayload(
  type: EventType,
  known: Readonly<Record<string, unknown>>,
  random: Random,
): string | null {
  if (random() % 12 === 0)
    return pick([null, "{}", "{a:1}", '{"x":+1}', "[1]", "{", `{"x":"${"y".repeat(9000)}"}`], random());
  const shape = PAYLOAD_SHAPES[type] as Readonly<Record<string, Field>>;
  const fields = Object.entries(shape)
    .filter(([, field]) => !field.endsWith("?") || random() % 2 === 0)
    .map(([name, field]) => `${JSON.stringify(name)}:${fieldText(name, field, known, random)}`);
  return `{${fields.join(",")}}`;
}

function fieldText(name: string, field: Field, known: Readonly<Record<string, unknown>>, random: Random): string {
  if (random() % 8 === 0) return pick([ODD[0] ?? "", ...ODD.slice(1)], random());
  if (random() % 3 > 0 && Object.hasOwn(known, name)) return JSON.stringify(known[name]);
  return JSON.stringify(plausible(field.replace("?", ""), random));
}

function plausible(field: string, random: Random): unknown {
  const text = () => pick(["worker:a", ...TEXTS, `sha256:${pick(TAGS, random())}`], random());
  const number = () => pick([3, ...NUMBERS, random() % 60], random());
  const values: Readonly<Record<string, () => unknown>> = {
    text,
    number,
    truth: () => random() % 2 === 0,
    texts: () => [text(), text()],
    numbers: () => Array.from({ length: random() % 12 }, number),
    ranges: () => [[number(), number()]],
    object: () => ({ ready_seconds: number(), instance: text() }),
  };
  return values[field]?.();
}

const TYPES = Object.values(EventType);
/** What decisions depend on is forged more often. */
const WORTH_FORGING = TYPES.filter((type) =>
  /^(worker|process|upstream|deploy|rollback|revision|stop|start|hold|message\.set)/.test(type),
);

export function forgedType(random: Random): EventType {
  const from = random() % 4 === 0 ? TYPES : WORTH_FORGING;
  return from[random() % from.length] ?? EventType.WorkerReady;
}
