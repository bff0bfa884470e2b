import type { Database } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { remember } from "../../shared/history.ts";

/** For tests: what a supervisor and its worker would have written. */
export function exampleLog(db: Database) {
  let updateId = 1;
  const supervisor = logEvent(db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  const named = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag.repeat(64)}` });
  const log = {
    supervisor,
    named,
    deploy: (tag: string) =>
      logEvent(db, supervisor, EventType.DeployStarted, { ...named(tag), request_id: null, reason: "configured" }),
    promote: (tag: string) =>
      logEvent(db, null, EventType.RevisionPromoted, {
        ...named(tag),
        evidence: { ready_seconds: 60, instance: "1.1" },
      }),
    /** A ready worker; its `process.started`. */
    worker(tag: string, instance: string): number {
      const spawned = { ...named(tag), pid: 1, instance, container_id: "c" };
      logEvent(db, supervisor, EventType.WorkerSpawned, spawned);
      const identity = { role: "worker", pid: 2, version: "v", instance } as const;
      const id = logEvent(db, supervisor, EventType.ProcessStarted, identity);
      logEvent(db, id, EventType.WorkerReady, { poll_ms: 3 });
      return id;
    },
    exit: (tag: string, instance: string, lines: readonly string[]) =>
      logEvent(db, supervisor, EventType.WorkerExited, {
        ...named(tag),
        instance,
        process_id: null,
        class: "crash",
        exit_code: 1,
        signal: null,
        oom: false,
        uptime_seconds: 2,
        ready_seconds: null,
        error: null,
        log_tail: lines,
      }),
    /** A message in the inbox; its id. */
    receive(text: string, status = "queued", error: string | null = null): number {
      const insert = `INSERT INTO inbox (bot_id, update_id, chat_id, message_id, text, status, error)
        VALUES (1, ?, 1001, 7, ?, ?, ?)`;
      updateId += 1;
      return Number(db.prepare(insert).run(updateId, text, status, error).lastInsertRowid);
    },
    /** Takes a message in hand and asks the model; the `agent.started` and the `turn.started`. */
    begin(taskId: number, processId: number) {
      const claim = "UPDATE inbox SET status = 'in_progress', locked_by = ?, locked_at = created_at WHERE id = ?";
      db.prepare(claim).run(processId, taskId);
      const about = { chat_id: 1001, task_id: taskId, update_id: taskId, process_id: processId, attempt: 1 };
      const attempt = logEvent(db, null, EventType.AgentStarted, about);
      return { attempt, turn: logEvent(db, attempt, EventType.TurnStarted, { model: "gpt-5-mini", turn: 1 }) };
    },
    complete(taskId: number, attempt: number, reply: string): void {
      logEvent(db, attempt, EventType.TurnCompleted, {
        model: "gpt-5-mini",
        latency_ms: 1200,
        input_tokens: 4321,
        cached_tokens: 0,
        output_tokens: 56,
        finish_reason: "stop",
        cost_usd: 0.0123,
      });
      remember(db, 1001, taskId, { role: "assistant", text: reply });
      logEvent(db, attempt, EventType.ReplySending, { chat_id: 1001, part: 1, parts: 1 });
      logEvent(db, attempt, EventType.ReplySent, { chat_id: 1001, message_id: 8, part: 1, parts: 1 });
      logEvent(db, attempt, EventType.AgentCompleted, { task_id: taskId });
      db.prepare("UPDATE inbox SET status = 'done', locked_by = NULL, locked_at = NULL WHERE id = ?").run(taskId);
    },
    fail(taskId: number, attempt: number, error: string): void {
      const turn = { model: "gpt-5-mini", latency_ms: 900, error_class: "quota", error, cost_usd: 0 };
      logEvent(db, attempt, EventType.TurnFailed, turn);
      logEvent(db, attempt, EventType.AgentFailed, { task_id: taskId, error, error_class: "quota" });
      const end = "UPDATE inbox SET status = 'failed', error = ?, locked_by = NULL, locked_at = NULL WHERE id = ?";
      db.prepare(end).run(error, taskId);
    },
  };
  return log;
}

/** Texts that would do harm if they were taken for anything but text. */
export const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> \u202Eevil مرحبا 🎉👩‍👩‍👧‍👦`;
