import { html } from "hono/html";
import type { LoggedEvent } from "../../../../shared/event-log.ts";
import { ownValue } from "../../../../shared/own-value.ts";
import type { RunningAttempt } from "../../../../shared/running-attempts.ts";
import type { Status } from "../../../../shared/status.ts";
import { eventList } from "../event-list.ts";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { ago } from "../when.ts";
import { facts } from "./facts.ts";
import { notes } from "./notes.ts";

export interface Now {
  readonly status: Status;
  /** When the worker last made progress, in Unix milliseconds; null when it never did. */
  readonly heartbeatAt: number | null;
  readonly running: readonly RunningAttempt[];
  /** Newest first. */
  readonly events: readonly LoggedEvent[];
}

/** A worker that gets on touches its file so often. */
const HEARTBEAT_SECONDS = 5;

/** What runs, how it is, and what it is doing. */
export function nowPage({ status, heartbeatAt, running, events }: Now, now: number): Html {
  return statePage({
    title: "Now",
    place: "/",
    after: events[0]?.id ?? 0,
    renewSeconds: HEARTBEAT_SECONDS,
    styles: ["now/now.css"],
    content: html`${notes(status)}${facts(status, heartbeatAt, now)}
    <h2>In hand</h2>${running.length === 0 ? html`<p class="quiet">No message is being worked on.</p>` : inHand(running)}
    <h2>Last events</h2>${eventList(events)}`,
  });
}

function inHand(running: readonly RunningAttempt[]): Html {
  return html`<div class="panel"><table>
    <thead><tr><th scope="col">Message</th><th scope="col">Since</th><th scope="col">Doing</th>
      <th scope="col" class="number">Turns</th><th scope="col" class="wide">Model</th></tr></thead>
    <tbody>${running.map(
      ({ taskId, chatId, since, newest, turns, model }) => html`<tr id="task-${taskId}">
        <td><a href="/messages/${taskId}">${taskId}</a> <span class="quiet wide">chat ${chatId ?? "unknown"}</span></td>
        <td>${ago(since)}</td>
        <td>${newest ? (ownValue(DOING, newest.eventType) ?? newest.eventType) : "beginning"}</td>
        <td class="number">${turns}</td>
        <td class="wide">${model ?? ""}</td>
      </tr>`,
    )}</tbody>
  </table></div>`;
}

/** What goes on after an event, until the next one. */
const DOING: Readonly<Record<string, string>> = {
  "context.assembled": "about to ask the model",
  "turn.started": "waiting for the model",
  "turn.completed": "about to reply",
  "turn.failed": "the model failed",
  "retry.scheduled": "waiting to try again",
  "reply.sending": "sending the reply",
  "reply.sent": "sending the reply",
  "reply.failed": "waiting to send again",
  "agent.completed": "done",
  "agent.failed": "failed",
};
