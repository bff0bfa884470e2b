import { html } from "hono/html";
import type { InProgress, Status } from "../../../../shared/status.ts";
import type { Html } from "../layout.ts";
import { WISHES, type Wish } from "./wish.ts";

/** What depends on it which wishes make sense. */
type Wanted = Pick<Status, "stopped" | "onHold" | "inProgress">;

const DEPLOYS: ReadonlySet<string> = new Set<InProgress["kind"]>(["deploy", "asked deploy"]);

/** What can be asked for now. Each leads to a page that asks once more. @param problem with the image given, or null */
export function actions({ stopped, onHold, inProgress }: Wanted, problem: string | null, given: string): Html {
  return html`<div class="actions">
    <form class="actions" method="get" action="/revisions/ask">
      <input type="hidden" name="wish" value="deploy">
      <label class="visually-hidden" for="revision">Image to deploy</label>
      <input class="input" id="revision" name="revision" value="${given}" placeholder="lastgood-worker:v2" required
        autocapitalize="off" autocomplete="off" spellcheck="false" aria-describedby="problem">
      <button class="button" type="submit">Deploy…</button>
    </form>
    ${inProgress.some(({ kind }) => DEPLOYS.has(kind)) ? ask("cancel") : ""}${ask("rollback")}${ask(stopped ? "start" : "stop")}${ask(onHold ? "unhold" : "hold")}
  </div>
  <p id="problem" class="problem" role="alert">${problem ?? ""}</p>`;
}

function ask(wish: Wish): Html {
  return html`<a class="button" href="/revisions/ask?wish=${wish}">${WISHES[wish].button}…</a>`;
}
