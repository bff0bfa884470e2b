import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import { temporaryDatabase } from "../../../shared/temporary-database.ts";
import { release, type Task } from "../queue/claims.ts";
import { claimNext } from "../queue/temporary-claims.ts";
import { deliver, type Reply } from "./deliver.ts";
import type { DeliveryPorts } from "./delivery-ports.ts";
import { createFakeSender } from "./fake-sender.ts";

const never = new AbortController().signal;

/** For tests: attempts to deliver a reply in chat 7, over a real database and a fake Telegram; no wait takes any time. */
export function temporaryDelivery() {
  const temporary = temporaryDatabase();
  const { db } = temporary;
  const worker = logEvent(db, null, "process.started", { role: "worker", pid: 1, version: "v", instance: "1.1" });
  const clock = { ...createFakeClock(), sleep: async () => {} };
  const sender = createFakeSender();

  function ask(updateId: number, chatId: number) {
    const update = { updateId, chatId, messageId: 1, text: "hello", messageDate: 0, status: "queued" as const };
    acceptBatch(db, { botId: 42, offsetSent: 0, updates: [update] }, null);
  }
  function claim(): Task {
    const claimed = claimNext(db, worker);
    if (!claimed) throw new Error("nothing to claim");
    return claimed;
  }
  ask(500, 7);
  let task = claim();

  return {
    db,
    worker,
    clock,
    sender,
    ask,
    remove: temporary.remove,
    task: () => task,
    run(text: string, reply: Partial<Reply> = {}, given: Partial<DeliveryPorts> & { signal?: AbortSignal } = {}) {
      const { signal = never, ...others } = given;
      const whole = {
        text,
        format: "markdown",
        draft: "begun",
        onArrival: () => {},
        onRefusal: () => {},
        ...reply,
      } as const;
      return deliver({ db, clock, sender, ...others }, task, whole, signal);
    },
    /** The next attempt at the message, as if the worker had been killed in this one. */
    nextAttempt() {
      release(db, task);
      task = claim();
    },
    draftSent(messageId: number) {
      const place = { chat_id: task.chatId, part: 1, parts: 0, draft: true } as const;
      logEvent(db, task.agentId, "reply.sending", place);
      logEvent(db, task.agentId, "reply.sent", { ...place, message_id: messageId });
    },
    /** Of this attempt, in order. */
    sends: () =>
      eventsAfter(db, 0, 100)
        .filter(({ parentId, eventType }) => parentId === task.agentId && eventType.startsWith("reply."))
        .map(({ eventType, payload }) => [eventType, payload]),
  };
}
