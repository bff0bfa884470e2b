import { html } from "hono/html";
import type { InProgress, Status } from "../../../../shared/status.ts";
import type { Html } from "../layout.ts";
import { ago, since } from "../when.ts";

/** What is out of the ordinary, the worst first. */
export function notes({ halted, stopped, onHold, worker, inProgress }: Status): Html {
  const lastWords = worker?.lastWords ?? [];
  const told: Html[] = [
    ...(halted === null ? [] : [note("bad", html`The supervisor has halted: ${halted}`)]),
    ...(stopped ? [note("", html`Stopped by an operator: nothing runs until <a href="/revisions">start</a>.`)] : []),
    ...(onHold ? [note("", html`On hold: nothing is done by itself until <a href="/revisions">unhold</a>.`)] : []),
    ...(worker?.cutOff
      ? [note("", html`Cut off from ${worker.cutOff.upstream} ${since(worker.cutOff.since)}: ${worker.cutOff.reason}`)]
      : []),
    ...inProgress.map((work) => note("", inProgressText(work))),
    ...(lastWords.length > 0 ? [note("bad", html`The worker said: <code>${lastWords.join("\n")}</code>`)] : []),
  ];
  return html`<div role="status">${told.length === 0 ? "" : html`<ul class="notes">${told}</ul>`}</div>`;
}

function note(tone: "bad" | "", text: Html): Html {
  return html`<li class="${tone}">${text}</li>`;
}

export function inProgressText({ kind, revision, since: from, reason }: InProgress): Html {
  const why = reason === null ? "" : ` (${reason})`;
  switch (kind) {
    case "deploy":
      return html`Deploy of ${revision} is in progress ${since(from)}${why}`;
    case "rollback":
      return html`Rollback to ${revision} is in progress ${since(from)}${why}`;
    case "asked deploy":
      return html`A deploy of ${revision} was asked for ${ago(from)} and is not answered yet`;
    case "asked rollback":
      return html`A rollback to ${revision ?? "the last good revision"} was asked for ${ago(from)} and is not answered yet`;
  }
}
