import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { completion, createFakeModel, type FakeModel } from "../model/fake-model.ts";
import type { Model, ModelRequest, Refusal, RefusalReason } from "../model/model.ts";
import { guardModel } from "./guarded-model.ts";

let temporary: TemporaryDatabase;
let clock: FakeClock;
let upstream: FakeModel;
let model: Model;
beforeEach(() => {
  temporary = temporaryDatabase();
  clock = createFakeClock();
  upstream = createFakeModel();
  const worker = logEvent(temporary.db, null, "process.started", { role: "worker", pid: 1, version: "v" });
  model = guardModel(upstream, { db: temporary.db, clock }, worker);
});
afterEach(() => temporary.remove());

const never = new AbortController().signal;
const question: ModelRequest = {
  messages: [{ role: "user", content: "hello" }],
  tools: [],
  maxOutputTokens: null,
  onText: () => {},
};
const refused = (reason: RefusalReason): Refusal => ({ kind: "refused", reason, detail: "", retryAfterMs: null });
const ask = () => model.complete(question, never);
async function askTimes(times: number, answer: Refusal) {
  for (let asked = 0; asked < times; asked += 1) {
    upstream.answerWith(answer);
    await ask();
  }
}
const circuitEvents = () =>
  eventsAfter(temporary.db, 0, 100)
    .filter(({ eventType }) => eventType.startsWith("circuit."))
    .map(({ eventType, payload }) => [eventType, payload]);

test("five failures alike open the circuit, and then nothing is asked", async () => {
  await askTimes(5, refused("overloaded"));
  expect(await ask()).toMatchObject({
    kind: "refused",
    reason: "overloaded",
    retryAfterMs: 30_000,
    costsNothing: true,
  });
  expect(upstream.shown).toHaveLength(5);
  expect(circuitEvents()).toEqual([
    ["circuit.opened", { upstream: "fake", failures: 5, reason: "overloaded", open_ms: 30_000 }],
  ]);
});

test("failures that differ, an answer between them, and what the model does not like leave it closed", async () => {
  await askTimes(4, refused("overloaded"));
  await askTimes(4, refused("timeout"));
  upstream.answerWith(completion("here"));
  await ask();
  await askTimes(4, refused("timeout"));
  await askTimes(9, refused("context_too_long"));
  expect(circuitEvents()).toEqual([]);
});

test("after 30 s one probe is let through, and its answer closes the circuit", async () => {
  await askTimes(5, refused("unreachable"));
  clock.advance(30_000);
  const held = upstream.hold();
  const probe = ask();
  await held.called;
  expect(await ask()).toMatchObject({ kind: "refused", reason: "unreachable" });
  held.letGo();
  expect(await probe).toMatchObject({ kind: "completed" });
  expect(circuitEvents().map(([type]) => type)).toEqual(["circuit.opened", "circuit.half_open", "circuit.closed"]);
});

test("a probe that fails opens it again", async () => {
  await askTimes(5, refused("unreachable"));
  clock.advance(30_000);
  await askTimes(1, refused("timeout"));
  expect(await ask()).toMatchObject({ reason: "timeout", retryAfterMs: 30_000 });
  expect(circuitEvents().at(-1)).toEqual([
    "circuit.opened",
    { upstream: "fake", failures: 1, reason: "timeout", open_ms: 30_000 },
  ]);
});

test("a probe that was aborted leaves the next one to find out", async () => {
  await askTimes(5, refused("unreachable"));
  clock.advance(30_000);
  const held = upstream.hold();
  const stop = new AbortController();
  const probe = model.complete(question, stop.signal);
  await held.called;
  stop.abort(new Error("stopped"));
  await expect(probe).rejects.toThrow("stopped");
  held.letGo();
  expect(await ask()).toMatchObject({ kind: "completed" });
});
