import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { childrenOf, logEvent } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createFakeSender, type FakeSender } from "../delivery/fake-sender.ts";
import { createFakeModel, type FakeModel } from "../model/fake-model.ts";
import type { Refusal } from "../model/model.ts";
import type { Task } from "../queue/claims.ts";
import { claimNext } from "../queue/temporary-claims.ts";
import { type AttemptSettings, attempt } from "./attempt.ts";

let temporary: TemporaryDatabase;
let sender: FakeSender;
let model: FakeModel;
let worker: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  sender = createFakeSender();
  model = createFakeModel();
  worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
  const update = { updateId: 1, chatId: 7, messageId: 1, text: "hello", messageDate: 0, status: "queued" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [update] }, null);
});
afterEach(() => temporary.remove());

const SETTINGS: AttemptSettings = {
  systemPrompt: "Be brief.",
  historyWindow: 12,
  contextTokens: 4000,
  limits: { maxTurns: 8, maxWallSeconds: 120, maxTokens: 50_000, maxAnswerTokens: 8000 },
  maxRetries: 2,
};
const overloaded: Refusal = { kind: "refused", reason: "overloaded", detail: "503", retryAfterMs: null };
/** Claims the message, due or not, and has it attempted. */
async function attemptNow(): Promise<Task> {
  temporary.db.exec("UPDATE inbox SET not_before = 0");
  const task = claimNext(temporary.db, worker);
  if (!task) throw new Error("nothing to claim");
  const spending = { reserve: () => ({ kind: "reserved", usd: null }) as const, cost: () => null };
  const agent = { models: [model] as const, tools: [], spending };
  const ports = { db: temporary.db, clock: createFakeClock(), log: silentLogger, ...agent, sender };
  await attempt(ports, task, SETTINGS, new AbortController().signal);
  return task;
}
const endsOf = (task: Task) =>
  childrenOf(temporary.db, task.agentId)
    .filter(({ eventType }) => /^(retry|agent)\./.test(eventType))
    .map(({ eventType, payload }) => [eventType, payload]);
const row = () => temporary.db.prepare("SELECT status, error, locked_by, attempts FROM inbox").get();

test("what the model refuses for now is queued again, nobody is told, and it cannot be claimed before its time", async () => {
  model.answerWith(overloaded);
  const task = await attemptNow();
  expect(sender.sent).toEqual([]);
  expect(row()).toEqual({ status: "queued", error: null, locked_by: null, attempts: 1 });
  expect(claimNext(temporary.db, worker)).toBeNull();
  const scheduled = { task_id: task.id, retry: 1, delay_ms: expect.any(Number), error_class: "overloaded" };
  expect(endsOf(task)).toEqual([
    ["retry.scheduled", scheduled],
    ["agent.failed", { task_id: task.id, error: "503", error_class: "overloaded" }],
  ]);
});

test("a later attempt answers it as if nothing had been", async () => {
  model.answerWith(overloaded);
  await attemptNow();
  await attemptNow();
  expect(sender.sent).toEqual([{ chatId: 7, text: "reply to hello" }]);
  expect(row()).toMatchObject({ status: "done" });
});

test("after the last retry the chat is told, and the message is failed with its text kept", async () => {
  model.answerWith(overloaded, overloaded, overloaded);
  await attemptNow();
  await attemptNow();
  const last = await attemptNow();
  expect(endsOf(last)).toEqual([
    ["retry.exhausted", { task_id: last.id, retries: 2, error_class: "overloaded" }],
    ["agent.failed", { task_id: last.id, error: "overloaded", error_class: "overloaded" }],
  ]);
  expect(sender.sent).toHaveLength(1);
  expect(row()).toMatchObject({ status: "failed", error: "overloaded" });
  expect(temporary.db.prepare("SELECT text FROM inbox").pluck().get()).toBe("hello");
});

test("retries that were no use are counted where it is given up, and where there was none nothing is said of them", async () => {
  const final: Refusal = { ...overloaded, reason: "refused" };
  model.answerWith(overloaded, final);
  await attemptNow();
  const last = await attemptNow();
  expect(endsOf(last)[0]).toEqual(["retry.exhausted", { task_id: last.id, retries: 1, error_class: "refused" }]);
  temporary.db.exec("UPDATE inbox SET status = 'queued', error = NULL");
  logEvent(temporary.db, null, "message.retried", { task_id: last.id, by: "node@server", from: "cli" });
  model.answerWith(final);
  expect(endsOf(await attemptNow()).map(([type]) => type)).toEqual(["agent.failed"]);
});

test("an operator who has it tried once more gives it all its retries again", async () => {
  model.answerWith(overloaded, overloaded, overloaded, overloaded);
  for (const _ of [1, 2, 3]) await attemptNow();
  temporary.db.exec("UPDATE inbox SET status = 'queued', error = NULL");
  logEvent(temporary.db, null, "message.retried", { by: "somebody", from: "cli", task_id: 1 });
  const again = await attemptNow();
  expect(endsOf(again)[0]).toMatchObject(["retry.scheduled", { retry: 1 }]);
});
