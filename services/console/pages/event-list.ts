import { html } from "hono/html";
import type { LoggedEvent } from "../../../shared/event-log.ts";
import { shortened, shortImageId } from "./amounts.ts";
import type { Html } from "./layout.ts";
import { ago } from "./when.ts";

/** Enough to recognise a value, and an event stays a line or two. */
const LONGEST_VALUE = 60;
const LONGEST_PAYLOAD = 240;

/** The events as they are given, a row each. */
export function eventList(events: readonly LoggedEvent[]): Html {
  return html`<div class="panel"><table class="events">
    <thead><tr><th scope="col" class="wide number">Id</th><th scope="col">When</th><th scope="col">What</th></tr></thead>
    <tbody>${events.map(
      ({ id, timestamp, eventType, payload }) => html`<tr id="event-${id}">
        <td class="wide number quiet">${id}</td>
        <td class="when">${ago(timestamp)}</td>
        <td><span class="mono ${toneOf(eventType)}">${eventType}</span>
          <span class="quiet wrap payload" dir="auto">${payloadText(payload)}</span></td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}

export function toneOf(eventType: string): "bad-text" | "good-text" | "" {
  if (/\.(failed|rejected|exited|quarantined|detected|halted|unavailable|set_aside|overdue)$/.test(eventType)) {
    return "bad-text";
  }
  return /\.(ready|promoted|completed|available)$/.test(eventType) ? "good-text" : "";
}

/** "revision=worker:b exit_code=1 log_tail=[40]"; what is null is left out. */
export function payloadText(payload: LoggedEvent["payload"]): string {
  const told = Object.entries(payload ?? {}).filter(([, value]) => value !== null);
  return shortened(told.map(([name, value]) => `${name}=${valueText(value)}`).join(" "), LONGEST_PAYLOAD);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  return shortened(typeof value === "string" ? shortImageId(value) : JSON.stringify(value), LONGEST_VALUE);
}
