import { inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { remember } from "../../../shared/history.ts";
import { temporaryDatabase } from "../../../shared/temporary-database.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const BOT = 42;

export type TemporaryPast = ReturnType<typeof temporaryPast>;

interface Asked {
  readonly at: number;
  readonly chatId?: number;
  readonly status?: string;
  readonly epoch?: number;
  /** How many attempts at it failed before the last. */
  readonly failures?: number;
}

/** For tests: a real database in which a supervisor and a worker have run for long, and messages came when they say. */
export function temporaryPast(startedAt: number) {
  const temporary = temporaryDatabase();
  const { db } = temporary;
  let now = startedAt;
  let updateId = 500;
  db.function("unixepoch", (_subsec) => now / 1000); // every row and event is dated by it
  const supervisor = logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  const process = { role: "worker", pid: 2, version: "v", instance: "1.1", bot_id: BOT } as const;
  const worker = logEvent(db, supervisor, EventType.ProcessStarted, process);

  function attempt(taskId: number, chatId: number, { number, fails }: { number: number; fails: boolean }): void {
    const started = { chat_id: chatId, task_id: taskId, update_id: updateId, process_id: worker, attempt: number };
    const agent = logEvent(db, null, EventType.AgentStarted, started);
    const turn = logEvent(db, agent, EventType.TurnStarted, { model: "m", turn: 1, reserved_usd: 0.02 });
    now += 1000;
    if (fails) {
      const failed = { model: "m", latency_ms: 1000, error_class: "timeout", error: "too late", cost_usd: 0.02 };
      logEvent(db, agent, EventType.TurnFailed, failed);
      logEvent(db, agent, EventType.AgentFailed, { task_id: taskId, error: "too late", error_class: "timeout" });
      return;
    }
    const history_id = remember(db, chatId, taskId, { role: "tool", text: "{}" });
    logEvent(db, turn, EventType.ToolCallStarted, { tool_name: "recall", history_id, digest: "d" });
    logEvent(db, turn, EventType.ToolCallFailed, { tool_name: "recall", error: "none", latency_ms: 1 });
    logEvent(db, agent, EventType.TurnCompleted, {
      model: "m",
      latency_ms: 1000,
      input_tokens: 100,
      cached_tokens: 10,
      output_tokens: 20,
      finish_reason: "stop",
      cost_usd: 0.01,
    });
    remember(db, chatId, taskId, { role: "user", text: `question ${taskId}` });
    remember(db, chatId, taskId, { role: "assistant", text: `answer ${taskId}` });
    const part = { chat_id: chatId, part: 1, parts: 1 };
    logEvent(db, agent, EventType.ReplySending, part);
    logEvent(db, agent, EventType.ReplySent, { ...part, message_id: 1000 + updateId });
    logEvent(db, agent, EventType.AgentCompleted, { task_id: taskId });
  }

  return {
    ...temporary,
    supervisor,
    worker,
    /** What is written from now on is of this moment. */
    moveTo(moment: number): void {
      now = moment;
    },
    /** A message that came at a moment and ended soon after, as its status says; returns its id. */
    message({ at, chatId = 7, status = "done", epoch = 0, failures = 0 }: Asked): number {
      now = at;
      updateId += 1;
      return inTransaction(db, () => {
        const text = status === "ignored" ? null : `question ${updateId}`;
        const insert = "INSERT INTO inbox (bot_id, epoch, update_id, chat_id, text, status) VALUES (?, ?, ?, ?, ?, ?)";
        const id = Number(db.prepare(insert).run(BOT, epoch, updateId, chatId, text, status).lastInsertRowid);
        const ends = status === "done" ? failures + 1 : failures;
        for (let number = 1; number <= ends; number += 1) attempt(id, chatId, { number, fails: number <= failures });
        db.prepare("UPDATE inbox SET attempts = ?, updated_at = ? WHERE id = ?").run(ends, now, id);
        return id;
      });
    },
  };
}
