import { inWords } from "./duration.ts";
import { isoTime } from "./iso-time.ts";
import type { MessageStory } from "./message-story.ts";

/** A message's story in at most ten lines. */
export function storyText(story: MessageStory): string {
  const { taskId, status, error, attempts, receivedAt, endedAt, waitedMs } = story;
  const lines = [
    `Message ${taskId}: ${status}${error === null ? "" : ` (${error.slice(0, 200)})`}`,
    `Received ${isoTime(receivedAt).replace("T", " ").slice(0, 19)} UTC`,
    waitedMs === null ? "Not begun yet" : `Waited ${inWords(waitedMs)}`,
    `Attempts: ${attempts.length}${attempts.length === 0 ? "" : ` (reference ${attempts.at(-1)})`}`,
    turnsLine(story),
    toolsLine(story),
    `Tokens: ${story.inputTokens} in (${story.cachedTokens} cached), ${story.outputTokens} out`,
    story.costUsd === null ? "Cost: unknown" : `Cost: $${story.costUsd.toFixed(6)}`,
    sendsLine(story),
    endedAt === null ? "Not ended yet" : `Took ${inWords(endedAt - receivedAt)} in all`,
  ];
  return lines.join("\n");
}

function turnsLine({ turns, failedTurns, models, modelMs }: MessageStory): string {
  const failed = failedTurns === 0 ? "" : `, ${failedTurns} failed`;
  return `Turns: ${turns}${failed}${models.length === 0 ? "" : ` of ${models.join(", ")}, ${inWords(modelMs)}`}`;
}

function toolsLine({ tools }: MessageStory): string {
  const calls = Object.entries(tools).map(([name, count]) => (count === 1 ? name : `${name} ×${count}`));
  return `Tools: ${calls.length === 0 ? "none" : calls.join(", ")}`;
}

function sendsLine({ sends, uncertainSends }: MessageStory): string {
  return `Sends: ${sends}${uncertainSends === 0 ? "" : `, ${uncertainSends} of them perhaps twice`}`;
}
