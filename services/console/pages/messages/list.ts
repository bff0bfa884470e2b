import { html } from "hono/html";
import { type ListedMessage, OUTCOMES, type Outcome } from "../../../../shared/message-list.ts";
import type { MessageStory } from "../../../../shared/message-story.ts";
import { count, dollars, duration } from "../amounts.ts";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { ago } from "../when.ts";
import { outcomeBadge } from "./outcome-badge.ts";

export interface MessagePage {
  readonly outcome: Outcome;
  /** How many there are, of the outcomes that are counted. */
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  /** Newest first. */
  readonly messages: readonly { readonly listed: ListedMessage; readonly story: MessageStory | null }[];
  /** The page that was asked for ends before this message; null for the newest. */
  readonly before: number | null;
  /** Whether there is an older page. */
  readonly hasOlder: boolean;
  readonly after: number;
}

export function messagesPage({ outcome, counts, messages, before, hasOlder, after }: MessagePage): Html {
  const last = messages.at(-1)?.listed.taskId;
  return statePage({
    title: "Messages",
    place: "/messages",
    after,
    styles: ["messages/list.css"],
    content: html`<nav class="filter" aria-label="Outcome">${OUTCOMES.map(
      (name) =>
        html`<a href="${address(name, null)}"${name === outcome ? html` aria-current="page"` : ""}>${name}${number(counts[name])}</a>`,
    )}</nav>
    ${messages.length === 0 ? html`<p class="nothing">${NONE_OF[outcome]}</p>` : table(messages)}
    <nav class="pager" aria-label="More messages">
      ${before === null ? "" : html`<a class="button" href="${address(outcome, null)}">Newest</a>`}
      ${hasOlder && last !== undefined ? html`<a class="button" href="${address(outcome, last)}">Older</a>` : ""}
    </nav>`,
  });
}

/** What to say, and to do, where a list is empty. */
const NONE_OF: Readonly<Record<Outcome, Html>> = {
  all: html`No message has come yet. Write to the bot in Telegram, or under <a href="/chat">Chat</a>.`,
  waiting: html`Nobody waits for an answer.`,
  answered: html`No message has been answered yet.`,
  failed: html`No message has failed.`,
  "set aside": html`No message is set aside.`,
  ignored: html`No message was ignored.`,
  dropped: html`No message was dropped.`,
};

function number(amount: number | undefined): Html {
  return amount ? html` <span class="quiet">${count(amount)}</span>` : html``;
}

function address(outcome: Outcome, before: number | null): string {
  const query = new URLSearchParams();
  if (outcome !== "all") query.set("outcome", outcome);
  if (before !== null) query.set("before", String(before));
  return query.size === 0 ? "/messages" : `/messages?${query}`;
}

function table(messages: MessagePage["messages"]): Html {
  return html`<div class="panel"><table class="messages">
    <thead><tr><th scope="col">Message</th><th scope="col">Outcome</th><th scope="col">Came</th>
      <th scope="col" class="number wide">Wait</th><th scope="col" class="number wide">Took</th>
      <th scope="col" class="number wide">Tokens</th><th scope="col" class="number wide">Cost</th></tr></thead>
    <tbody>${messages.map(({ listed, story }) => row(listed, story))}</tbody>
  </table></div>`;
}

function row({ taskId, chatId, kind, status, error, preview, receivedAt }: ListedMessage, story: MessageStory | null) {
  const { wait, took, tokens, cost } = amountsOf(story);
  const short = [took, cost].filter((amount) => amount !== "").join(", ");
  return html`<tr id="message-${taskId}">
    <td class="what"><a href="/messages/${taskId}" dir="auto">${preview ?? "(without text)"}</a>
      <div class="quiet">${taskId}, chat ${chatId ?? "unknown"}${kind === "message" ? "" : `, ${kind}`}</div>
      <div class="quiet narrow">${short}</div></td>
    <td>${outcomeBadge(status, error)}</td>
    <td class="when">${ago(receivedAt)}</td>
    ${[wait, took, tokens, cost].map((amount) => html`<td class="number wide">${amount}</td>`)}
  </tr>`;
}

const NONE = { wait: "", took: "", tokens: "", cost: "" };

function amountsOf(story: MessageStory | null): typeof NONE {
  if (!story) return NONE;
  const { waitedMs, endedAt, receivedAt, attempts, inputTokens, outputTokens, costUsd } = story;
  return {
    wait: waitedMs === null ? "" : duration(waitedMs),
    took: endedAt === null || attempts.length === 0 ? "" : duration(endedAt - receivedAt),
    tokens: inputTokens + outputTokens === 0 ? "" : count(inputTokens + outputTokens),
    cost: costUsd === null ? "" : dollars(costUsd),
  };
}
