import { logEvent } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { acceptBatch, type IncomingUpdate } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { temporaryDatabase } from "../../../shared/temporary-database.ts";
import { SETTINGS, UNCOUNTED } from "../agent/temporary-agent.ts";
import { attempt } from "../attempt/attempt.ts";
import { createFakeSender } from "../delivery/fake-sender.ts";
import type { AccessSettings } from "../intake/access.ts";
import { createPairing } from "../intake/pairing.ts";
import { createFakeModel } from "../model/fake-model.ts";
import type { Task } from "../queue/claims.ts";
import { claimNext, claimNextControl } from "../queue/temporary-claims.ts";
import { attemptControl } from "./attempt-control.ts";

const OWNER = 7;
const never = new AbortController().signal;

/** For tests: a person in a chat with a worker, over a real database. Chat 7 is the owner's. */
export function fakeConversation() {
  const temporary = temporaryDatabase();
  const { db } = temporary;
  const started = { role: "worker", pid: 1, version: "v", instance: "1.1" } as const;
  const processId = logEvent(db, null, "process.started", started);
  const [sender, model, clock] = [createFakeSender(), createFakeModel(), createFakeClock()];
  const aborted: number[] = [];
  const codes: string[] = [];
  const pairing = createPairing((code) => codes.push(code), clock);
  const agent = { models: [model] as const, tools: [], spending: UNCOUNTED };
  const ports = {
    db,
    clock,
    log: silentLogger,
    sender,
    ...agent,
    pairing,
    abort: (id: number) => void aborted.push(id),
  };
  const everyone: AccessSettings = { allowed: { kind: "everyone" }, ownerChat: OWNER };
  let updateId = 500;

  function store(text: string, change: Partial<IncomingUpdate>) {
    updateId += 1;
    const update = { updateId, chatId: OWNER, messageId: updateId, text, messageDate: 0, status: "queued" as const };
    acceptBatch(db, { botId: 42, offsetSent: 0, updates: [{ ...update, senderId: OWNER, ...change }] }, null);
  }

  function claimed(task: Task | null): Task {
    if (!task) throw new Error("nothing to claim");
    return task;
  }

  return {
    ...temporary,
    processId,
    sender,
    model,
    clock,
    aborted,
    codes,
    /** Puts a message in hand, and leaves it there. */
    begin(text: string, change: Partial<IncomingUpdate> = {}): Task {
      store(text, change);
      return claimed(claimNext(db, processId));
    },
    /** Has a message that is in hand, or the next one, answered. */
    async answer(task = claimed(claimNext(db, processId))): Promise<Task> {
      await attempt(ports, task, SETTINGS, never);
      return task;
    },
    /** What a command is answered with, as it was sent. */
    async ask(text: string, change: Partial<IncomingUpdate> = {}, access = everyone) {
      store(text, { kind: "command", ...change });
      await attemptControl(ports, claimed(claimNextControl(db, processId)), access, never);
      return sender.sent.at(-1) ?? { text: "nothing was sent", buttons: undefined };
    },
    async press(data: string, change: Partial<IncomingUpdate> = {}) {
      return this.ask(data, { kind: "button", callbackId: `press of ${data}`, ...change });
    },
    row: (id: number) =>
      db.prepare("SELECT status, error, text, locked_by FROM inbox WHERE id = ?").get(id) as Record<string, unknown>,
    events: (type: string) =>
      (db.prepare("SELECT payload FROM events WHERE event_type = ? ORDER BY id").pluck().all(type) as string[]).map(
        (payload) => JSON.parse(payload) as Record<string, unknown>,
      ),
  };
}
