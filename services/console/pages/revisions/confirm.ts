import { html } from "hono/html";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { WISHES, type Wish } from "./wish.ts";

/** Asks once more before anything is asked of the supervisor. @param revision an image; null where none is named */
export function confirmPage({ wish, revision, after }: { wish: Wish; revision: string | null; after: number }): Html {
  const { button, means } = WISHES[wish];
  return statePage({
    title: revision === null ? `${button}?` : `${button} ${revision}?`,
    place: "/revisions",
    after,
    content: html`<p>${means}</p>
    <form class="actions confirm" method="post" action="/requests">
      <input type="hidden" name="wish" value="${wish}">
      ${revision === null ? "" : html`<input type="hidden" name="revision" value="${revision}">`}
      <button class="primary" type="submit">${button}</button>
      <a class="button" href="/revisions">Do nothing</a>
    </form>`,
  });
}
