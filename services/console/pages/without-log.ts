import { html } from "hono/html";
import type { SupervisorView } from "../../../shared/requests/supervisor-view.ts";
import type { Html } from "./layout.ts";
import type { Place } from "./navigation.ts";
import { supervisorFacts } from "./now/facts.ts";
import { notes } from "./now/notes.ts";
import { statePage } from "./state-page.ts";
import { ago } from "./when.ts";

/** What there is to be told where the log cannot be read. */
export interface WithoutLog {
  /** Why it cannot be read. */
  readonly why: string;
  /** How the supervisor saw the moment; null when it has told nothing. */
  readonly view: SupervisorView | null;
  /** Whether it lives. */
  readonly runs: boolean;
  readonly now: number;
}

/** The log may come back at any moment, and nothing else says so. */
export const RENEW_SECONDS = 5;

export function withoutLogPage(title: string, place: Place, told: WithoutLog): Html {
  return statePage({
    title,
    place,
    after: null,
    renewSeconds: RENEW_SECONDS,
    styles: ["now/now.css"],
    content: whatIsTold(told),
  });
}

export function whatIsTold(told: WithoutLog): Html {
  return told.view === null ? nothingYet(told.why) : bySupervisor({ ...told, view: told.view });
}

function nothingYet(why: string): Html {
  return html`<section class="nothing">
    <h2>Nothing has run here yet</h2>
    <p>The supervisor makes the log when it starts. This page fills itself as soon as there is something to show.</p>
    <p class="quiet">${why}</p>
  </section>`;
}

function bySupervisor({ why, view, runs, now }: WithoutLog & { readonly view: SupervisorView }): Html {
  const { behind, problem } = view.mirror;
  return html`<section>
    <h2>The log cannot be read</h2>
    <p class="bad-text wrap">${why}</p>
    <p>This is what the supervisor told ${ago(view.at)}. ${runs ? "It runs." : html`<b>It does not run any more.</b>`}
      ${behind === 0 ? "" : `${behind} of its events have not arrived in the log.`}</p>
    ${problem === null ? "" : html`<p class="quiet wrap">${problem}</p>`}
    ${notes(view.status)}${supervisorFacts(view.status, now)}
  </section>`;
}
