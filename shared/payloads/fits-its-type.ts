import type { EventPayloads, EventType } from "../event-types.ts";
import { type Field, PAYLOAD_SHAPES } from "./payload-shapes.ts";

type Payload = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const CHECKS: Readonly<Record<string, Check>> = {
  text: isText,
  number: isNumber,
  truth: (value) => typeof value === "boolean",
  texts: listOf(isText),
  numbers: listOf(isNumber),
  ranges: listOf(listOf(isNumber)),
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

function checkOf(field: Field): Check {
  const check = CHECKS[field.replace("?", "")] ?? (() => false);
  return field.endsWith("?") ? (value) => value === undefined || value === null || check(value) : check;
}

/** Made once: the supervisor asks this of each row that it decides by. */
const shapes = new Map(
  Object.entries(PAYLOAD_SHAPES).map(([type, shape]) => {
    const fields = Object.entries(shape as Readonly<Record<string, Field>>);
    return [type, fields.map(([name, field]) => [name, checkOf(field)] as const)];
  }),
);

/** What a promotion's evidence is read for. */
const isEvidence: Check = (value) => {
  const { ready_seconds: seconds, instance } = value as Payload;
  return isNumber(seconds) && isText(instance);
};

/** Whether a payload has the fields that its type of event was declared with, each of its kind. */
export function fitsItsType<T extends EventType>(eventType: T, payload: object | null): payload is EventPayloads[T] {
  const fields = payload as Payload | null;
  if (fields === null || !shapes.get(eventType)?.every(([name, check]) => check(fields[name]))) return false;
  return eventType !== "revision.promoted" || isEvidence(fields.evidence);
}

/** Whether this program knows a type of event. */
export function isKnownType(eventType: string): eventType is EventType {
  return shapes.has(eventType);
}
