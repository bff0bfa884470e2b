import { type Database, sql } from "../../../shared/database.ts";
import { firstEventIdSince } from "../../../shared/event-log.ts";
import { startOfUtcDay } from "../../../shared/utc-day.ts";
import type { Command } from "./command.ts";

const DAY_MS = 86_400_000;

export const usage: Command = {
  name: "usage",
  about: "messages, tokens and cost, today and in 30 days",
  run({ db, now, task: { chatId }, isOwner }) {
    const whose = isOwner ? null : chatId;
    const line = (name: string, since: number) => `${name}: ${usageText(readUsage(db, whose, since))}`;
    const lines = [line("Today (UTC)", startOfUtcDay(now)), line("30 days", now - 30 * DAY_MS)];
    return { text: [isOwner ? "All chats." : "This chat.", ...lines].join("\n") };
  },
};

interface Usage {
  readonly messages: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null when no turn had a price. */
  readonly costUsd: number | null;
}

function usageText({ messages, inputTokens, outputTokens, costUsd }: Usage): string {
  const count = (number: number, one: string) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
  const cost = costUsd === null ? "cost unknown" : `$${costUsd.toFixed(4)}`;
  return `${count(messages, "message")}, ${count(inputTokens + outputTokens, "token")}, ${cost}`;
}

/** @param chatId null for all chats */
function readUsage(db: Database, chatId: number | null, since: number): Usage {
  const from = firstEventIdSince(db, since);
  const messages = `SELECT count(DISTINCT payload ->> '$.task_id') FROM events
      WHERE event_type = 'agent.started' AND id >= @from AND payload ->> '$.command' IS NULL
        AND (@chatId IS NULL OR payload ->> '$.chat_id' = @chatId)`;
  const turns = `SELECT COALESCE(sum(t.payload ->> '$.input_tokens'), 0) AS inputTokens,
           COALESCE(sum(t.payload ->> '$.output_tokens'), 0) AS outputTokens, sum(t.payload ->> '$.cost_usd') AS costUsd
      FROM events t JOIN events a ON a.id = t.parent_id
     WHERE t.event_type IN ('turn.completed', 'turn.failed') AND t.id >= @from
       AND (@chatId IS NULL OR a.payload ->> '$.chat_id' = @chatId)`;
  const counted = Number(sql(db, messages).pluck().get({ from, chatId }));
  return { messages: counted, ...(sql(db, turns).get({ from, chatId }) as Omit<Usage, "messages">) };
}
