import { html } from "hono/html";
import type { LastWords } from "../../../../shared/last-words.ts";
import type { TurnOutcome } from "../../../../shared/revision-history.ts";
import { shortImageId } from "../amounts.ts";
import type { Html } from "../layout.ts";
import { ago } from "../when.ts";
import type { Revisions } from "./revisions.ts";

const TONES: Readonly<Record<TurnOutcome["kind"], "good" | "warn" | "bad" | "plain">> = {
  "in progress": "warn",
  ready: "good",
  promoted: "good",
  rejected: "warn",
  replaced: "plain",
  failed: "bad",
  quarantined: "bad",
  halted: "bad",
};

/** Each turn of a revision: how it came to run, and what became of it, with the evidence. */
export function timeline(turns: Revisions["turns"]): Html {
  return html`<ol class="timeline">${turns.map(
    ({ turn: { eventId, at, kind, revision, imageId, askedBy, reason, outcome }, lastWords }) => html`
    <li id="turn-${eventId}" class="${TONES[outcome.kind]}">
      <p class="head"><span class="wrap"><span class="quiet">${kind}</span> <b>${revision}</b></span>
        <span class="badge ${TONES[outcome.kind]}">${outcome.kind}</span>
        <span class="quiet">${ago(at)}</span></p>
      <p class="wrap">${outcome.reason ?? ""}</p>
      <p class="quiet wrap">${[askedBy && `asked by ${askedBy}`, reason].filter(Boolean).join("; ")}
        ${imageId === null ? "" : html`<span class="mono">${shortImageId(imageId)}</span>`}</p>
      ${lastWords ? evidence(lastWords) : ""}
    </li>`,
  )}</ol>`;
}

function evidence({ eventId, class: how, exitCode, error, lines }: LastWords): Html {
  return html`<details id="exit-${eventId}">
    <summary>Its worker ended: ${how}${exitCode === null ? "" : `, code ${exitCode}`}. Its last lines</summary>
    ${error === null ? "" : html`<p class="bad-text wrap">${error}</p>`}
    <pre tabindex="0" aria-label="The worker's last lines">${lines.join("\n") || "It said nothing."}</pre>
  </details>`;
}
