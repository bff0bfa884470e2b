import { html } from "hono/html";
import type { Html } from "./layout.ts";

const PLACES = [
  ["/", "Now"],
  ["/revisions", "Revisions"],
  ["/messages", "Messages"],
  ["/usage", "Usage"],
  ["/set-aside", "Set aside"],
  ["/chat", "Chat"],
] as const;

export type Place = (typeof PLACES)[number][0];

/** The way around, at the top of every page. @param current null on a page that is none of these */
export function navigation(current: Place | null): Html {
  return html`<header class="bar">
    <span class="brand"><img src="/assets/icon.svg" alt="" width="22" height="22"> <span>Lastgood</span></span>
    <nav aria-label="Pages">${PLACES.map(
      ([path, name]) => html`<a href="${path}"${path === current ? html` aria-current="page"` : ""}>${name}</a>`,
    )}</nav>
  </header>`;
}
