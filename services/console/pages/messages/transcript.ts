import { html } from "hono/html";
import type { MessageText } from "../../../../shared/message-texts.ts";
import { count } from "../amounts.ts";
import type { Html } from "../layout.ts";

const SPEAKERS = { user: "Asked", assistant: "Answered", tool: "Tool" } as const;

/** What was said, in order; a text that is long is cut, and the whole of it one step away. */
export function transcript(taskId: number, texts: readonly MessageText[]): Html {
  if (texts.length === 0) return html`<p class="quiet">Its text is not kept, or was erased.</p>`;
  return html`<ol class="transcript">${texts.map(
    ({ historyId, role, text, length }) => html`<li class="${role}">
      <span class="quiet">${SPEAKERS[role]}</span>
      ${isLong(text) ? html`<div class="said long" dir="auto" tabindex="0">${text}</div>` : html`<div class="said" dir="auto">${text}</div>`}
      ${
        text.length < length
          ? html`<a href="/messages/${taskId}/texts/${historyId ?? "message"}">All ${count(length)} characters</a>`
          : ""
      }
    </li>`,
  )}</ol>`;
}

/** More than this scrolls within a height of its own, which the keyboard has to be able to reach. */
const LONG_CHARACTERS = 400;
const LONG_LINES = 10;

function isLong(text: string): boolean {
  return text.length > LONG_CHARACTERS || text.split("\n", LONG_LINES + 1).length > LONG_LINES;
}
