import { html } from "hono/html";
import type { LastWords } from "../../../../shared/last-words.ts";
import { type Outcome, outcomeLine } from "../../../../shared/request-outcome.ts";
import type { RequestProgress } from "../../../../shared/request-progress.ts";
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
  /** What was asked for on this page last, if that is known. */
  readonly request: RequestProgress | null;
  readonly problem: string | null;
  readonly given: string;
  readonly after: number;
}

export function revisionsPage(page: Revisions): Html {
  const { status, turns, hasOlder, request, problem, given, after } = page;
  return statePage({
    title: "Revisions",
    place: "/revisions",
    after,
    styles: ["revisions/revisions.css"],
    content: html`${request ? progress(request) : ""}${notes(status)}${actions(status, problem, given)}
    <h2>Deploys and rollbacks</h2>
    ${turns.length === 0 ? html`<p class="nothing">Nothing was deployed yet.</p>` : timeline(turns)}
    ${hasOlder ? html`<p class="more"><a class="button" href="/revisions?older=true">Older</a></p>` : ""}`,
  });
}

const TONES = { done: "good", replaced: "", rejected: "bad", failed: "bad" } as const satisfies Record<
  Outcome["kind"],
  string
>;

function progress({ kind, state, outcome }: RequestProgress): Html {
  const tone = outcome ? TONES[outcome.kind] : "";
  const text = outcome
    ? outcomeLine(kind, outcome)
    : state.kind === "asked"
      ? `the ${kind} is asked for: the supervisor has not answered yet`
      : `the ${kind} is accepted: whether it stays is not decided yet`;
  return html`<div role="status"><ul class="notes"><li class="${tone}">${text}</li></ul></div>`;
}
