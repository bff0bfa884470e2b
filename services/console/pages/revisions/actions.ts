import { html } from "hono/html";
import type { Status } from "../../../../shared/status.ts";
import type { Html } from "../layout.ts";
import { WISHES, type Wish } from "./wish.ts";

/** What can be asked for now. Each leads to a page that asks once more. @param problem with the image given, or null */
export function actions({ stopped, onHold }: Status, problem: string | null, given: string): Html {
  return html`<div class="actions">
    <form class="actions" method="get" action="/revisions/ask">
      <input type="hidden" name="wish" value="deploy">
      <label class="visually-hidden" for="revision">Image to deploy</label>
      <input class="input" id="revision" name="revision" value="${given}" placeholder="lastgood-worker:v2" required
        autocapitalize="off" autocomplete="off" spellcheck="false" aria-describedby="problem">
      <button class="button" type="submit">Deploy…</button>
    </form>
    ${ask("rollback")}${ask(stopped ? "start" : "stop")}${ask(onHold ? "unhold" : "hold")}
  </div>
  <p id="problem" class="problem" role="alert">${problem ?? ""}</p>`;
}

function ask(wish: Wish): Html {
  return html`<a class="button" href="/revisions/ask?wish=${wish}">${WISHES[wish].button}…</a>`;
}
