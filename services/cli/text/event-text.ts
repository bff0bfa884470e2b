import type { LoggedEvent } from "../../../shared/event-log.ts";
import { isoTime } from "../../../shared/iso-time.ts";
import type { Paint } from "../output.ts";

/** So much of a value, and of a payload, is shown: enough to recognise it, and an event stays one line. */
const LONGEST_VALUE = 60;
const LONGEST_PAYLOAD = 200;

/** "   12  2030-01-01T00:00:00.000Z  worker.ready          poll_ms=3" */
export function eventLine(event: LoggedEvent, paint: Paint): string {
  const { id, timestamp, eventType } = event;
  const type = paint(styleOf(eventType), eventType.padEnd(20));
  const time = paint("dim", isoTime(timestamp));
  return [String(id).padStart(6), time, type, shortPayload(event.payload)].join("  ").trimEnd();
}

/** "revision=worker:b image_id=sha256:0123456789ab log_tail=[40]"; what is null is left out. */
export function shortPayload(payload: LoggedEvent["payload"]): string {
  const told = Object.entries(payload ?? {}).filter(([, value]) => value !== null);
  return cut(told.map(([name, value]) => `${name}=${shortValue(value)}`).join(" "), LONGEST_PAYLOAD);
}

export function styleOf(eventType: string): "red" | "green" | "cyan" {
  if (/\.(failed|rejected|exited|quarantined|detected|halted)$/.test(eventType)) return "red";
  return /\.(ready|promoted|completed)$/.test(eventType) ? "green" : "cyan";
}

/** An image id, to the twelve digits that `docker images` shows. */
export function shortImageId(imageId: string): string {
  return imageId.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, "$1");
}

/** A line or two of the terminal; the whole of it is in the exit's event. */
const MOST_OF_A_LOG_LINE = 200;

/** A line of a worker's log. */
export function logLine(line: string): string {
  return cut(line, MOST_OF_A_LOG_LINE);
}

function shortValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (typeof value !== "string") return cut(JSON.stringify(value), LONGEST_VALUE);
  const short = cut(shortImageId(value), LONGEST_VALUE);
  return /^[^\s"\p{Cc}]+$/u.test(short) ? short : JSON.stringify(short);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
