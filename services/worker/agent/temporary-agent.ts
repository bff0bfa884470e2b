import { setImmediate } from "node:timers/promises";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type AttemptPorts, type AttemptSettings, attempt } from "../attempt/attempt.ts";
import type { Spending } from "../control/spending.ts";
import { createFakeSender } from "../delivery/fake-sender.ts";
import { createFakeModel } from "../model/fake-model.ts";
import type { Task } from "../queue/claims.ts";
import { releaseDeadClaims } from "../queue/dead-claims.ts";
import { claimNext } from "../queue/temporary-claims.ts";
import { createCurrentTime } from "../tools/current-time.ts";
import { createRecall } from "../tools/recall.ts";

export type TemporaryAgent = ReturnType<typeof temporaryAgent>;

/** A refusal is final: what is tried again later is the attempt's. */
export const SETTINGS: AttemptSettings = {
  maxRetries: 0,
  systemPrompt: "Be brief.",
  historyWindow: 12,
  contextTokens: 4000,
  limits: { maxTurns: 8, maxWallSeconds: 120, maxTokens: 50_000, maxAnswerTokens: 50_000 },
};

export const UNCOUNTED: Spending = { reserve: () => ({ kind: "reserved", usd: null }), cost: () => null };

/** For tests: attempts at messages over a real database, with a fake model and a fake Telegram. */
export function temporaryAgent() {
  const temporary = temporaryDatabase();
  const { db } = temporary;
  const clock = createFakeClock();
  const model = createFakeModel();
  const sender = createFakeSender();
  const start = () => logEvent(db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
  let worker = start();
  let updateId = 500;

  const ports: AttemptPorts = {
    db,
    clock,
    log: silentLogger,
    models: [model],
    tools: [createCurrentTime(clock), createRecall(db)],
    spending: UNCOUNTED,
    sender,
  };

  function claim(): Task {
    const task = claimNext(db, worker);
    if (!task) throw new Error("nothing to claim");
    return task;
  }

  /** An attempt's events as they hang together, in order: `[type, payload]`, those of a turn's calls after theirs. */
  function tree(task: Task): [string, Readonly<Record<string, unknown>> | null][] {
    const under = new Set([task.agentId]);
    return eventsAfter(db, task.agentId, 1000)
      .filter(({ id, parentId }) => under.has(parentId ?? 0) && under.add(id))
      .map(({ eventType, payload }) => [eventType, payload]);
  }

  return {
    db,
    clock,
    model,
    sender,
    ports,
    claim,
    remove: temporary.remove,
    /** Lets the seconds pass that a running attempt waits for. */
    async passTimeUntil(running: Promise<unknown>): Promise<void> {
      let isRunning = true;
      const ended = running.finally(() => {
        isRunning = false;
      });
      for (await setImmediate(); isRunning; await setImmediate()) clock.advance(1000);
      await ended;
    },
    /** A message comes in and is claimed. */
    ask(text: string, chatId = 7): Task {
      updateId += 1;
      const update = { updateId, chatId, messageId: 1, text, messageDate: 0, status: "queued" as const };
      acceptBatch(db, { botId: 42, offsetSent: 0, updates: [update] }, null);
      return claim();
    },
    run(task: Task, given: Partial<AttemptPorts> & { settings?: AttemptSettings; signal?: AbortSignal } = {}) {
      const { settings = SETTINGS, signal = new AbortController().signal, ...others } = given;
      return attempt({ ...ports, ...others }, task, settings, signal);
    },
    /** The worker is started again in place, and takes over what it had in hand when it died. */
    restart(): Task {
      worker = start();
      releaseDeadClaims(db, worker);
      return claim();
    },
    tree,
    /** Of those, the payloads of one type. */
    payloads: (task: Task, type: string) => tree(task).flatMap(([other, payload]) => (other === type ? [payload] : [])),
    status: (task: Task) => db.prepare("SELECT status, error FROM inbox WHERE id = ?").get(task.id),
    history: () => db.prepare("SELECT role, text FROM history ORDER BY id").all() as { role: string; text: string }[],
  };
}
