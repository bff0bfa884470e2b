import { html } from "hono/html";
import type { ListedMessage } from "../../../../shared/message-list.ts";
import type { Html } from "../layout.ts";
import { outcomeBadge } from "../messages/outcome-badge.ts";
import { statePage } from "../state-page.ts";
import { ago } from "../when.ts";

export interface SetAside {
  /** Newest first. */
  readonly messages: readonly ListedMessage[];
  /** The page that was asked for ends before this message; null for the newest. */
  readonly before: number | null;
  readonly hasOlder: boolean;
  /** What became of what was asked for here last, in words. */
  readonly told: string | null;
  readonly after: number;
}

/** What was given up, to be tried again or let go. */
export function setAsidePage({ messages, before, hasOlder, told, after }: SetAside): Html {
  const last = messages.at(-1)?.taskId;
  return statePage({
    title: "Set aside",
    place: "/set-aside",
    after,
    styles: ["set-aside/set-aside.css"],
    content: html`<div role="status">${told === null ? "" : html`<ul class="notes"><li>${told}</li></ul>`}</div>
    ${messages.length === 0 ? html`<p class="nothing">Nothing has failed, and nothing is set aside.</p>` : list(messages)}
    <nav class="pager" aria-label="More messages">
      ${before === null ? "" : html`<a class="button" href="/set-aside">Newest</a>`}
      ${hasOlder && last !== undefined ? html`<a class="button" href="/set-aside?before=${last}">Older</a>` : ""}
    </nav>`,
  });
}

function list(messages: readonly ListedMessage[]): Html {
  return html`<ul class="given-up">${messages.map(
    ({ taskId, chatId, kind, status, error, preview, updatedAt, attempts }) => html`<li id="message-${taskId}">
      <div class="what">
        <p><a href="/messages/${taskId}" dir="auto">${preview ?? "(without text)"}</a></p>
        <p>${outcomeBadge(status, error)} <span class="wrap" dir="auto">${error ?? ""}</span></p>
        <p class="quiet">${taskId}, chat ${chatId ?? "unknown"}, ${attempts === 1 ? "1 attempt" : `${attempts} attempts`},
          given up ${ago(updatedAt)}</p>
      </div>
      <div class="actions">
        ${kind === "message" && preview !== null ? retryButton(taskId) : ""}
        <a class="button" href="/set-aside/${taskId}/drop" aria-label="Drop message ${taskId}">Drop…</a>
      </div>
    </li>`,
  )}</ul>`;
}

function retryButton(taskId: number): Html {
  return html`<form method="post" action="/messages/${taskId}/retry">
    <button class="button" type="submit" aria-label="Retry message ${taskId}">Retry</button>
  </form>`;
}

interface Dropped {
  readonly taskId: number;
  readonly preview: string | null;
  readonly error: string | null;
  readonly after: number;
}

/** Asks once more: a text that is let go is gone. */
export function dropPage({ taskId, preview, error, after }: Dropped): Html {
  return statePage({
    title: `Drop message ${taskId}?`,
    place: "/set-aside",
    after,
    styles: ["set-aside/set-aside.css"],
    content: html`<blockquote class="let-go" dir="auto">${preview ?? "(without text)"}</blockquote>
    ${error === null ? "" : html`<p class="bad-text wrap" dir="auto">${error}</p>`}
    <p>It is not tried again, and its text is erased from the inbox. Nobody is told.</p>
    <form class="actions confirm" method="post" action="/messages/${taskId}/drop">
      <button class="primary" type="submit">Drop</button>
      <a class="button" href="/set-aside">Do nothing</a>
    </form>`,
  });
}
