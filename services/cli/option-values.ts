import { InvalidArgumentError } from "commander";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../shared/image-reference.ts";

/** A parser for an option: a whole number of at least `min`, and of at most `max` if that is given. */
export function wholeNumberFrom(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const atMost = max === Number.MAX_SAFE_INTEGER ? "" : `, and at most ${max}`;
    throw new InvalidArgumentError(`It must be a whole number of at least ${min}${atMost}.`);
  };
}

/** A parser for an argument: a chat's id, which is negative for a group. */
export function chatId(text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a chat's id, as 12345678 or -100123.");
}

const UNIT_MS = { s: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** "90d", "2h", "30min" or "45s" in milliseconds; null when it is none. */
function spanMs(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})(s|min|m|h|d|w)$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** A parser for an option: a span of at least so many days, as 90d or 12w, in milliseconds. */
export function spanOfDaysFrom(min: number): (text: string) => number {
  return (text) => {
    const ms = spanMs(text);
    if (ms !== null && ms >= min * UNIT_MS.d) return ms;
    throw new InvalidArgumentError(`It must be a span such as 90d or 12w, of at least ${min}d.`);
  };
}

/** Where a listing begins: after an event, at a moment (Unix milliseconds), or so many milliseconds ago. */
export type Since =
  | { readonly kind: "event"; readonly id: number }
  | { readonly kind: "moment"; readonly at: number }
  | { readonly kind: "span"; readonly ms: number };

/** A parser for an option: an event's id, a span, or a date with or without a time, in UTC unless it says otherwise. */
export function since(text: string): Since {
  if (/^\d{1,15}$/.test(text)) return { kind: "event", id: Number(text) };
  const ms = spanMs(text);
  if (ms !== null) return { kind: "span", ms };
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const at = date === undefined ? Number.NaN : Date.parse(`${date}T${time ?? "00:00"}${zone ?? "Z"}`);
  if (Number.isFinite(at)) return { kind: "moment", at };
  throw new InvalidArgumentError(
    "It must be an event's id, a span such as 2h or 7d, or a time such as 2026-01-31 or 2026-01-31T12:00.",
  );
}

/** A parser for an argument: an image reference. */
export function imageReference(text: string): string {
  if (isImageReference(text)) return text;
  throw new InvalidArgumentError(NO_IMAGE_REFERENCE);
}
