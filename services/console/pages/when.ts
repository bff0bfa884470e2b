import { html } from "hono/html";
import { isoTime } from "../../../shared/iso-time.ts";
import type { Html } from "./layout.ts";

/** A moment as a person tells it: "3 min ago". times.js writes it, and goes on with the time; unaided it is in UTC. */
export function ago(at: number | Date): Html {
  return time(at, "ago");
}

/** How long something has gone on: "for 3 min". */
export function since(at: number | Date): Html {
  return time(at, "for");
}

/** The date and the time, where the browser is. */
export function moment(at: number | Date): Html {
  return time(at, "at");
}

function time(at: number | Date, form: "ago" | "for" | "at"): Html {
  const iso = isoTime(at);
  if (Number.isNaN(new Date(at).getTime())) return html`${iso}`;
  const told = `${form === "for" ? "since " : ""}${iso.slice(0, 19).replace("T", " ")} UTC`;
  return html`<time datetime="${iso}" data-form="${form}">${told}</time>`;
}
