import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, lastEvents, logEvent, newestEvent } from "../../../shared/event-log.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import type { BacklogLimit } from "../../../shared/inbox.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createAdmission } from "./admission.ts";
import { createFakeUpdateSource, type FakeUpdateSource, textUpdate, updates } from "./fake-update-source.ts";
import { type PollAnswer, runIntake } from "./intake.ts";
import { createPairing } from "./pairing.ts";

let temporary: TemporaryDatabase;
let source: FakeUpdateSource;
let clock: FakeClock;
let calls: string[];
let random: number;
const EVERYONE = { allowed: { kind: "everyone" }, ownerChat: null } as const;
beforeEach(() => {
  random = 0;
  temporary = temporaryDatabase();
  source = createFakeUpdateSource();
  clock = createFakeClock();
  calls = [];
});
afterEach(() => temporary.remove());

/** Runs the intake over these answers until it waits for more, then stops it. Pauses pass at once, and are kept. */
async function intake(answers: PollAnswer[], backlog: BacklogLimit | null = null) {
  const { db } = temporary;
  const processId = logEvent(db, null, "process.started", { role: "worker", pid: 1, version: "v", bot_id: 42 });
  const pauses: number[] = [];
  const turns: number[] = [];
  const stop = new AbortController();
  source.answerWith(...answers);
  const running = runIntake(
    {
      db,
      log: silentLogger,
      source,
      clock: { ...clock, sleep: passAtOnce(pauses) },
      admit: createAdmission(
        { db, pairing: createPairing(() => {}, { monotonicMs: () => 0 }) },
        { ...EVERYONE, botId: 42, processId, courtesySince: null },
      ),
    },
    { botId: 42, processId, pollSeconds: 50, backlog, random: () => random },
    {
      onTurn: (mostMs) => turns.push(mostMs),
      onCaughtUp: () => calls.push("caught up"),
      onAccepted: () => calls.push("accepted"),
      signal: stop.signal,
    },
  );
  await Promise.race([source.idle, running]);
  stop.abort();
  await running;
  return { pauses, turns, processId };
}

const passAtOnce = (pauses: number[]) => async (ms: number) => {
  pauses.push(ms);
  clock.advance(ms);
};

/** What the worker said of Telegram, in order. */
const outages = () =>
  eventsAfter(temporary.db, 0, 100)
    .filter(({ eventType }) => eventType.startsWith("upstream."))
    .map(({ parentId, eventType, payload }) => [parentId, eventType, payload]);

const rows = () => temporary.db.prepare("SELECT update_id, status FROM inbox ORDER BY id").raw().all();
const full = Array.from({ length: 100 }, (_, index) => textUpdate(500 + index));

test("each poll asks from the offset that the inbox gives", async () => {
  await intake([updates(textUpdate(500), textUpdate(501)), updates(textUpdate(502))]);
  expect(source.polls).toEqual(["0/0", "502/50", "503/50"]);
});

test("what waits is fetched first; then the worker is ready, and later batches are told", async () => {
  const { processId } = await intake([updates(...full), updates(textUpdate(600)), updates(textUpdate(601)), updates()]);
  expect(source.polls).toEqual(["0/0", "600/0", "601/50", "602/50", "602/50"]);
  expect(calls).toEqual(["caught up", "accepted"]);
  expect(lastEvents(temporary.db, 1)).toMatchObject([{ parentId: processId, eventType: "worker.ready" }]);
});

test("a worker that was never answered is not ready", async () => {
  await intake([{ kind: "conflict" }, { kind: "unreachable", detail: "ECONNREFUSED" }]);
  expect(calls).toEqual([]);
  expect(newestEvent(temporary.db, "worker.ready")).toBeNull();
});

test("an outage is recorded once when it begins and once when a poll is answered again", async () => {
  const { processId } = await intake([
    updates(),
    { kind: "unreachable", detail: "ECONNRESET" },
    { kind: "unreachable", detail: "ETIMEDOUT" },
    { kind: "conflict" },
    updates(),
    updates(),
    { kind: "conflict" },
  ]);
  expect(outages()).toEqual([
    [processId, "upstream.unavailable", { upstream: "telegram", reason: "unreachable: ECONNRESET" }],
    [processId, "upstream.available", { upstream: "telegram", outage_ms: 1000 + 2000 + 2000 }],
    [processId, "upstream.unavailable", { upstream: "telegram", reason: "conflict: somebody else polls for this bot" }],
  ]);
});

test.each<[string, PollAnswer]>([
  ["unreachable: ECONNREFUSED", { kind: "unreachable", detail: "ECONNREFUSED" }],
  ["conflict: somebody else polls for this bot", { kind: "conflict" }],
  ["rate limited: asked to wait 7 s", { kind: "rate limited", retryAfterMs: 7000 }],
])("a worker that is not ready because of this says so: %s", async (reason, answer) => {
  const { processId } = await intake([answer, answer]);
  expect(outages()).toEqual([[processId, "upstream.unavailable", { upstream: "telegram", reason }]]);
});

test("a refused token is no outage", async () => {
  await expect(intake([{ kind: "unauthorised", detail: "Unauthorized" }])).rejects.toThrow();
  expect(outages()).toEqual([]);
});

test("before each wait the loop says how long it may take, in an outage too", async () => {
  const { turns } = await intake([
    { kind: "rate limited", retryAfterMs: 3_600_000 },
    updates(),
    { kind: "unreachable", detail: "ECONNRESET" },
  ]);
  expect(turns).toEqual([60_000, 3_600_000, 60_000, 60_000, 1000, 60_000]);
});

test("a conflict, a limit and an outage are waited for, longer and longer, and none ends the intake", async () => {
  const outage: PollAnswer = { kind: "unreachable", detail: "ECONNRESET" };
  const { pauses } = await intake([
    { kind: "conflict" },
    { kind: "rate limited", retryAfterMs: 7000 },
    updates(textUpdate(500)),
    ...Array(8).fill(outage),
    updates(textUpdate(501)),
    outage,
  ]);
  expect(pauses).toEqual([2000, 7000, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 1000]);
  expect(rows()).toEqual([
    [500, "queued"],
    [501, "queued"],
  ]);
});

test("pauses differ by up to half, so that not everybody is back at the same moment", async () => {
  random = 1;
  const outage: PollAnswer = { kind: "unreachable", detail: "ECONNRESET" };
  const { pauses } = await intake([outage, outage, { kind: "rate limited", retryAfterMs: 7000 }]);
  expect(pauses).toEqual([500, 1000, 7000]);
});

test("a refused token ends the intake with what to do", async () => {
  const refused = intake([{ kind: "unauthorised", detail: "Unauthorized" }]);
  await expect(refused).rejects.toThrow(/Telegram refuses TELEGRAM_BOT_TOKEN \(Unauthorized\)\. Set it/);
});

test("ids that start anew are recorded", async () => {
  const { processId } = await intake([updates(textUpdate(900)), updates(textUpdate(17)), updates(textUpdate(18))]);
  expect(source.polls).toEqual(["0/0", "901/50", "18/50", "19/50"]);
  expect(lastEvents(temporary.db, 1)).toMatchObject([
    { parentId: processId, eventType: "telegram.offset_reset", payload: { bot_id: 42, epoch: 1, offset_sent: 901 } },
  ]);
});

test("what cannot be read leaves an ignored row, and what has no id leaves none", async () => {
  await intake([updates({ update_id: 500, hologram: {} }, { nonsense: true }, textUpdate(501))]);
  expect(rows()).toEqual([
    [500, "ignored"],
    [501, "queued"],
  ]);
});

test("the backlog of the first start is cut over all its batches, before anything is answered", async () => {
  const startedAt = 1_900_000_001_000;
  await intake([updates(...full), updates(textUpdate(600))], { startedAt, windowMs: 600_000, maxMessages: 2 });
  const queued = temporary.db.prepare("SELECT update_id FROM inbox WHERE status = 'queued'").pluck().all();
  expect(queued).toEqual([599, 600]);
  expect(calls).toEqual(["caught up"]);
});
