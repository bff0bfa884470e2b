import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent, newestEvents } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { learnOwnName, type NameSource, ownName } from "./own-name.ts";

let temporary: TemporaryDatabase;
let processId: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  processId = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v" });
});
afterEach(() => temporary.remove());

type Answer = Awaited<ReturnType<NameSource["ownName"]>>;

async function learn(...answers: Answer[]): Promise<number[]> {
  const pauses: number[] = [];
  const source: NameSource = { ownName: async () => answers.shift() ?? { kind: "not sent", detail: "no more" } };
  const clock = { ...createFakeClock(), sleep: async (ms: number) => void pauses.push(ms) };
  const ports = { db: temporary.db, clock, log: silentLogger, source };
  await learnOwnName(ports, { botId: 42, processId }, new AbortController().signal);
  return pauses;
}
const named = (username: string): Answer => ({ kind: "named", username });
const recorded = () => newestEvents(temporary.db, "telegram.named", 9).map(({ payload }) => payload);

test("the bot's name is asked for until Telegram says it", async () => {
  const pauses = await learn(
    { kind: "uncertain", detail: "socket hang up" },
    { kind: "rate limited", retryAfterMs: 9000 },
    named("agent_bot"),
  );
  expect(pauses).toEqual([1000, 9000]);
  expect(ownName(temporary.db, 42)).toBe("agent_bot");
});

test("it is known from the log before it is asked for, and recorded again only when it changes", async () => {
  await learn(named("agent_bot"));
  await learn(named("agent_bot"));
  expect(recorded()).toEqual([{ bot_id: 42, username: "agent_bot" }]);
  await learn(named("renamed_bot"));
  expect(ownName(temporary.db, 42)).toBe("renamed_bot");
});

test("another bot's name is not ours", async () => {
  await learn(named("agent_bot"));
  expect(ownName(temporary.db, 43)).toBeNull();
});

test("asked to stop, it asks no more", async () => {
  const stop = new AbortController();
  const source: NameSource = {
    ownName: async () => {
      stop.abort(new Error("stopped"));
      throw stop.signal.reason;
    },
  };
  const ports = { db: temporary.db, clock: createFakeClock(), log: silentLogger, source };
  await expect(learnOwnName(ports, { botId: 42, processId }, stop.signal)).resolves.toBeUndefined();
});
