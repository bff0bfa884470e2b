import { html } from "hono/html";
import { duration } from "../amounts.ts";
import { toneOf } from "../event-list.ts";
import type { Html } from "../layout.ts";
import type { Span } from "./spans.ts";

/** The tree at the left, when each part of it was at the right. @param now where what is not over ends for now */
export function waterfall(spans: readonly Span[], receivedAt: number, now: number): Html {
  const end = Math.max(...spans.map(({ from, to }) => Math.max(from, to ?? now)), receivedAt + 1);
  const scale = (at: number) => (WIDTH * Math.max(at - receivedAt, 0)) / (end - receivedAt);
  return html`<div class="panel"><table class="waterfall">
    <thead><tr><th scope="col">What</th><th scope="col" class="time">${duration(end - receivedAt)} from its arrival</th>
      <th scope="col" class="number">Took</th></tr></thead>
    <tbody>${spans.map((span) => row(span, scale, now))}</tbody>
  </table></div>`;
}

/** Of the drawing; it is stretched to the column. */
const WIDTH = 1000;
/** So that what took no time is seen. */
const THINNEST = 4;

function row({ eventId, depth, name, detail, from, to, problem }: Span, scale: (at: number) => number, now: number) {
  const x = Math.min(scale(from), WIDTH - THINNEST);
  const width = Math.max(scale(to ?? now) - x, THINNEST);
  const tone = problem !== null ? "bad" : to === null ? "open" : "";
  return html`<tr id="event-${eventId}">
    <th scope="row" class="depth-${depth}"><span class="mono ${problem === null ? toneOf(name) : "bad-text"}">${name}</span>
      <span class="quiet wrap" dir="auto">${detail}</span>
      ${problem === null ? "" : html`<span class="bad-text wrap" dir="auto">${problem}</span>`}</th>
    <td class="time"><svg viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="${tone}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10" rx="2"/></svg></td>
    <td class="number">${to === null ? "goes on" : to === from ? "" : duration(to - from)}</td>
  </tr>`;
}
