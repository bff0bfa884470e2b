import { html } from "hono/html";
import type { LastWords } from "../../../../shared/last-words.ts";
import type { RevisionTurn } from "../../../../shared/revision-history.ts";
import type { Status } from "../../../../shared/status.ts";
import type { Html } from "../layout.ts";
import { notes } from "../now/notes.ts";
import { statePage } from "../state-page.ts";
import { actions } from "./actions.ts";
import { timeline } from "./timeline.ts";

export interface Revisions {
  readonly status: Status;
  /** Newest first. */
  readonly turns: readonly { readonly turn: RevisionTurn; readonly lastWords: LastWords | null }[];
  readonly hasOlder: boolean;
  /** How far has come what was asked for on this page last, if that is known. */
  readonly request: Html | null;
  /** It has not arrived in the log yet, so nothing in the log says that it does. */
  readonly isAsked: boolean;
  readonly problem: string | null;
  readonly given: string;
  readonly after: number;
}

const RENEW_SECONDS = 2;

export function revisionsPage(page: Revisions): Html {
  const { status, turns, hasOlder, request, isAsked, problem, given, after } = page;
  return statePage({
    title: "Revisions",
    place: "/revisions",
    after,
    ...(isAsked ? { renewSeconds: RENEW_SECONDS } : {}),
    styles: ["revisions/revisions.css"],
    content: html`${request ?? ""}${notes(status)}${actions(status, problem, given)}
    <h2>Deploys and rollbacks</h2>
    ${turns.length === 0 ? html`<p class="nothing">Nothing was deployed yet.</p>` : timeline(turns)}
    ${hasOlder ? html`<p class="more"><a class="button" href="/revisions?older=true">Older</a></p>` : ""}`,
  });
}
