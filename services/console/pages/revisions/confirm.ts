import { html } from "hono/html";
import type { Revision } from "../../../../shared/state.ts";
import { shortImageId } from "../amounts.ts";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { WISHES, type Wish } from "./wish.ts";

interface Asked {
  readonly wish: Wish;
  /** An image; null where none is named. */
  readonly revision: string | null;
  /** What can be gone back to, the newest first. */
  readonly targets: readonly Revision[];
  /** The newest event of the log; null where that cannot be read. */
  readonly after: number | null;
}

/** Asks once more before anything is asked of the supervisor. */
export function confirmPage({ wish, revision, targets, after }: Asked): Html {
  const { button, means } = WISHES[wish];
  return statePage({
    title: revision === null ? `${button}?` : `${button} ${revision}?`,
    place: "/revisions",
    after,
    styles: ["revisions/revisions.css"],
    content: html`<p>${means}</p>
    <form method="post" action="/requests">
      <input type="hidden" name="wish" value="${wish}">
      ${revision === null ? "" : html`<input type="hidden" name="revision" value="${revision}">`}
      ${targets.length === 0 ? "" : choice(targets)}
      <p class="actions confirm">
        <button class="primary" type="submit">${button}</button>
        <a class="button" href="/revisions">Do nothing</a>
      </p>
    </form>`,
  });
}

function choice(targets: readonly Revision[]): Html {
  return html`<fieldset class="targets">
    <legend>To which good revision?</legend>
    ${targets.map(
      ({ revision, imageId }, at) => html`<label id="target-${imageId}">
        <input type="radio" name="image" value="${imageId}" required${at === 0 ? html` checked` : ""}>
        <span class="wrap">${revision}</span> <span class="quiet mono">${shortImageId(imageId)}</span>
        ${at === 0 ? html`<span class="badge">the previous one</span>` : ""}
      </label>`,
    )}
  </fieldset>`;
}
