import { html } from "hono/html";
import type { MessageStory } from "../../../../shared/message-story.ts";
import type { MessageText } from "../../../../shared/message-texts.ts";
import { count, dollars, duration } from "../amounts.ts";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { ago } from "../when.ts";
import { outcomeBadge } from "./outcome-badge.ts";
import type { Span } from "./spans.ts";
import { transcript } from "./transcript.ts";
import { waterfall } from "./waterfall.ts";

export interface OpenedMessage {
  readonly story: MessageStory;
  readonly texts: readonly MessageText[];
  /** Of all attempts, oldest first. */
  readonly spans: readonly Span[];
  readonly after: number;
}

/** One message from its arrival to its end: what went wrong first, then what was said, then what was done for it. */
export function messagePage({ story, texts, spans, after }: OpenedMessage, now: number): Html {
  const problems = spans.filter(({ problem }, at) => problem !== null && !isToldBelow(problem, spans.slice(at + 1)));
  return statePage({
    title: `Message ${story.taskId}`,
    place: "/messages",
    after,
    styles: ["messages/message.css"],
    content: html`<p class="summary">${outcomeBadge(story.status, story.error)} in chat ${story.chatId},
      came ${ago(story.receivedAt)}</p>
    ${story.error === null && problems.length === 0 ? "" : whatWentWrong(story, problems)}
    ${amounts(story)}
    <div class="sides">
      <section aria-labelledby="transcript"><h2 id="transcript">Transcript</h2>${transcript(story.taskId, texts)}</section>
      <section aria-labelledby="done"><h2 id="done">What was done</h2>
      ${spans.length === 0 ? html`<p class="quiet">No attempt was made yet.</p>` : waterfall(spans, story.receivedAt, now)}</section>
    </div>`,
  });
}

/** An attempt fails with what its last turn failed with: the turn tells it. */
function isToldBelow(problem: string, below: readonly Span[]): boolean {
  return below.some((span) => span.problem === problem);
}

function whatWentWrong({ error }: MessageStory, problems: readonly Span[]): Html {
  return html`<ul class="notes">
    ${error === null ? "" : html`<li class="bad" dir="auto">${error}</li>`}
    ${problems.map(
      ({ eventId, name, detail, problem }) =>
        html`<li class="bad" dir="auto"><a href="#event-${eventId}">${name}</a> ${detail}: ${problem}</li>`,
    )}
  </ul>`;
}

function amounts(story: MessageStory): Html {
  const { waitedMs, endedAt, receivedAt, modelMs, turns, failedTurns, models, tools, costUsd } = story;
  const told: [string, string][] = [
    ["Wait", waitedMs === null ? "" : duration(waitedMs)],
    ["Took", endedAt === null || story.attempts.length === 0 ? "" : duration(endedAt - receivedAt)],
    ["Model", turns + failedTurns === 0 ? "" : `${models.join(", ")}, ${duration(modelMs)}`],
    ["Attempts", story.attempts.length > 1 ? String(story.attempts.length) : ""],
    ["Turns", turns + failedTurns === 0 ? "" : `${turns}${failedTurns > 0 ? `, ${failedTurns} failed` : ""}`],
    [
      "Tools",
      Object.entries(tools)
        .map(([name, times]) => `${name} × ${times}`)
        .join(", "),
    ],
    ["Tokens", turns === 0 ? "" : `${count(story.inputTokens)} in, ${count(story.outputTokens)} out`],
    ["Cost", costUsd === null ? "" : dollars(costUsd)],
    [
      "Sends",
      story.sends === 0
        ? ""
        : `${story.sends}${story.uncertainSends > 0 ? `, ${story.uncertainSends} perhaps twice` : ""}`,
    ],
  ];
  return html`<dl class="amounts">${told
    .filter(([, amount]) => amount !== "")
    .map(([name, amount]) => html`<div><dt>${name}</dt><dd class="wrap">${amount}</dd></div>`)}</dl>`;
}
