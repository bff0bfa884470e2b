import { html } from "hono/html";
import { HEARTBEAT_FRESH_MS } from "../../../../shared/readiness.ts";
import type { Status, WorkerStatus } from "../../../../shared/status.ts";
import { shortImageId } from "../amounts.ts";
import type { Html } from "../layout.ts";
import { ago, since } from "../when.ts";

/** The four things that are asked first: which revision, is it well, does it stay up, does anybody wait. */
export function facts(status: Status, heartbeatAt: number | null, now: number): Html {
  return html`<dl class="facts">
    ${supervisorFactsOf(status, heartbeatAt, now)}${fact("Queue", queue(status))}
  </dl>`;
}

/** Those of them that the supervisor knows by itself. */
export function supervisorFacts(status: Status, now: number): Html {
  return html`<dl class="facts">${supervisorFactsOf(status, null, now)}</dl>`;
}

function supervisorFactsOf(status: Status, heartbeatAt: number | null, now: number): Html {
  return html`${fact("Revision", revision(status))}
    ${fact("Worker", status.worker ? worker(status.worker, heartbeatAt, now) : html`<p class="quiet">None was started yet.</p>`)}
    ${fact("Ended workers, 24 h", exits(status))}`;
}

function fact(name: string, content: Html): Html {
  return html`<div><dt>${name}</dt><dd>${content}</dd></div>`;
}

function revision({ wanted, lastGood }: Status): Html {
  if (!wanted) return html`<p class="quiet">None was accepted yet.</p>`;
  const isLastGood = wanted.imageId === lastGood?.imageId;
  return html`<p class="large wrap">${wanted.revision}</p>
    <p>${isLastGood ? html`<span class="badge good">last good</span>` : html`<span class="badge warn">not promoted</span>`}
      by ${wanted.by}, ${ago(wanted.since)}</p>
    <p class="quiet mono">${shortImageId(wanted.imageId)}</p>
    ${isLastGood ? "" : html`<p>Last good: <span class="wrap">${lastGood?.revision ?? "none yet"}</span></p>`}`;
}

const TONES = { starting: "warn", ready: "good", stopping: "warn", exited: "bad" } as const;

function worker({ instance, revision, state }: WorkerStatus, lastBeatAt: number | null, now: number): Html {
  const isOfThePredecessor = state.kind === "starting" && lastBeatAt !== null && lastBeatAt < state.since.getTime();
  const heartbeatAt = isOfThePredecessor ? null : lastBeatAt;
  const isStale = state.kind === "ready" && heartbeatAt !== null && now - heartbeatAt > HEARTBEAT_FRESH_MS;
  return html`<p class="large"><span class="badge ${TONES[state.kind]}">${state.kind}</span> ${since(state.since)}</p>
    <p>Instance ${instance} of <span class="wrap">${revision}</span>${state.kind === "exited" ? html`: ${state.class}` : ""}</p>
    <p class="${isStale ? "bad-text" : "quiet"}">${heartbeatAt === null ? "No heartbeat yet" : html`Heartbeat ${ago(heartbeatAt)}`}</p>`;
}

function exits({ exits }: Status): Html {
  const classes = Object.entries(exits);
  const sum = classes.reduce((total, [, times]) => total + times, 0);
  return html`<p class="large">${sum}</p>
    ${classes.map(([name, times]) => html`<p>${times} ${name}</p>`)}
    ${sum === 0 ? html`<p class="quiet">No worker has ended.</p>` : ""}`;
}

function queue({ inbox, oldestWaiting }: Status): Html {
  const { queued = 0, in_progress: thinking = 0, replying = 0, failed = 0, set_aside: aside = 0 } = inbox;
  return html`<p class="large">${queued + thinking + replying} waiting</p>
    ${oldestWaiting ? html`<p>The oldest came ${ago(oldestWaiting)}</p>` : html`<p class="quiet">Everything is answered.</p>`}
    ${failed + aside === 0 ? "" : html`<p><a href="/set-aside">${failed} failed, ${aside} set aside</a></p>`}`;
}
