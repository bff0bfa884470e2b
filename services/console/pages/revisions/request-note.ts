import { html } from "hono/html";
import { type Outcome, outcomeLine } from "../../../../shared/request-outcome.ts";
import { progressFrom, type RequestProgress } from "../../../../shared/request-progress.ts";
import type { Answer } from "../../../../shared/requests/answers.ts";
import type { Html } from "../layout.ts";

const TONES = { done: "good", replaced: "", rejected: "bad", failed: "bad" } as const satisfies Record<
  Outcome["kind"],
  string
>;

/** How far a deploy or a rollback has come that was asked for on this page. */
export function progressNote({ kind, state, outcome }: RequestProgress): Html {
  if (outcome) return note(TONES[outcome.kind], outcomeLine(kind, outcome));
  if (state.kind === "asked") return note("", `the ${kind} is asked for: the supervisor has not answered yet`);
  return note("", `the ${kind} is accepted: whether it stays is not decided yet`);
}

/** The same of what has not arrived in the log, by the supervisor's answer. @param runs whether a supervisor runs */
export function askedNote(answer: Answer | null, runs: boolean): Html {
  if (!answer) {
    if (runs) return note("", "asked; the supervisor has not answered yet");
    return note("bad", "asked; no supervisor runs, so it seems. The request is kept, and taken when one starts");
  }
  const { kind, requestId, events, problem } = answer;
  if (problem !== undefined) return note("bad", `the request could not be taken: ${problem}`);
  if (kind === "deploy" || kind === "rollback") return progressNote(progressFrom({ kind, requestId }, events));
  return note("good", "the supervisor has recorded it");
}

function note(tone: "good" | "bad" | "", text: string): Html {
  return html`<div role="status"><ul class="notes"><li class="${tone}">${text}</li></ul></div>`;
}
