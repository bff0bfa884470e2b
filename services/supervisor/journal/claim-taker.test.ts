import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent, newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import type { RawRow } from "../scribe/scribe.ts";
import { createClaimTaker } from "./claim-taker.ts";
import { type TemporaryJournal, temporaryJournal } from "./temporary-journal.ts";

let system: TemporaryJournal;
let supervisor: number;
beforeEach(() => {
  system = temporaryJournal();
  supervisor = logEvent(system.journal, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
});
afterEach(() => system.remove());

const row = (id: number, eventType: string, payload: object, parentId: number | null = null): RawRow => ({
  ...{ id, parentId, eventType, timestamp: system.clock.now(), payload: JSON.stringify(payload) },
});
const start = (id: number, instance: string) =>
  row(id, EventType.ProcessStarted, { role: "worker", pid: 2, version: "v", instance });
const ready = (id: number, parentId: number) => row(id, EventType.WorkerReady, { poll_ms: 1 }, parentId);
const seen = (claims: RawRow[], scannedTo: number, skipped = 0) => ({ claims, scannedTo, skipped });
const worker = () => newestWorker(system.journal);

test("what comes before its run is recorded is kept, and taken then, in its order", () => {
  const taker = createClaimTaker(system.ports());
  expect(taker.take(seen([start(101, "1.1"), ready(102, 101)], 102))).toBe(false);
  system.spawn(supervisor, "1.1");
  expect(taker.take(seen([], 102))).toBe(true);
  expect(worker()).toMatchObject({ processId: newestEvent(system.journal, EventType.ProcessStarted)?.id });
  expect(worker()?.readyAt).not.toBeNull();
  expect(taker.take(seen([], 102))).toBe(false);
});

test("what was read and not taken is read again by a successor, and nothing is taken twice", () => {
  const first = createClaimTaker(system.ports());
  first.take(seen([start(101, "1.1"), ready(102, 101)], 110));
  expect(first.scannedTo()).toBe(110);
  system.reopen();
  const successor = createClaimTaker(system.ports());
  expect(successor.scannedTo()).toBe(100);
  system.spawn(supervisor, "1.1");
  expect(successor.take(seen([start(101, "1.1"), ready(102, 101)], 110))).toBe(true);
  expect(system.ledger.scannedTo()).toBe(110);
});

test("what is of no run for two minutes is let go of", () => {
  const taker = createClaimTaker(system.ports());
  taker.take(seen([start(101, "1.1")], 101));
  system.clock.advance(120_000 - 1);
  taker.take(seen([], 101));
  expect(system.ledger.scannedTo()).toBe(100);
  system.clock.advance(1);
  taker.take(seen([], 101));
  expect(system.ledger.scannedTo()).toBe(101);
  system.spawn(supervisor, "1.1");
  expect(taker.take(seen([], 101))).toBe(false);
});

test("of a flood the newest fifty are kept for later", () => {
  const taker = createClaimTaker(system.ports());
  const flood = Array.from({ length: 60 }, (_, n) => start(101 + n, `9.${n}`));
  taker.take(seen(flood, 160));
  expect(system.ledger.scannedTo()).toBe(110);
  system.spawn(supervisor, "9.9");
  expect(taker.take(seen([], 160))).toBe(false);
  system.spawn(supervisor, "9.10");
  expect(taker.take(seen([], 160))).toBe(true);
});

test("what is none is counted, with what was too long to be read", () => {
  const taker = createClaimTaker(system.ports());
  taker.take(seen([row(101, EventType.WorkerReady, { poll_ms: "1" }), start(102, "1.1")], 102, 3));
  expect(taker.skipped()).toBe(4);
  taker.take(seen([], 102, 1));
  expect(taker.skipped()).toBe(5);
});

test("of a file that is another one from a row on, what comes after that is read again", () => {
  const taker = createClaimTaker(system.ports());
  taker.take(seen([start(101, "1.1"), start(150, "1.2")], 200));
  taker.readAgainFrom(120);
  expect(taker.scannedTo()).toBe(120);
  expect(system.ledger.scannedTo()).toBe(100);
  system.spawn(supervisor, "1.2");
  expect(taker.take(seen([], 120))).toBe(false);
  system.spawn(supervisor, "1.1");
  expect(taker.take(seen([], 120))).toBe(true);
  taker.readAgainFrom(500);
  expect(taker.scannedTo()).toBe(120);
});
