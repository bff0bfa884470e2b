import { expect, test } from "@jest/globals";
import { parseClaim } from "./claim.ts";

const row = (eventType: string, payload: unknown) => ({
  ...{ id: 5, parentId: 4, timestamp: 1000, eventType },
  payload: typeof payload === "string" ? payload : JSON.stringify(payload),
});
const started = { role: "worker", pid: 7, version: "v", instance: "1.1" };

test("what a worker says is read, and nothing beside it is kept", () => {
  expect(parseClaim(row("process.started", { ...started, bot_id: 3, role_of: "king" }))).toEqual({
    ...{ type: "process.started", id: 5, parentId: 4, timestamp: 1000 },
    payload: { ...started, bot_id: 3 },
  });
  expect(parseClaim(row("worker.ready", { poll_ms: 0 }))?.payload).toEqual({ poll_ms: 0 });
  const wish = { by: "ann", revision: "worker:b", from: "cli", spool_id: "x", claim: { id: 1 } };
  expect(parseClaim(row("deploy.requested", wish))?.payload).toEqual({ by: "ann", revision: "worker:b" });
  expect(parseClaim(row("rollback.requested", { by: "ann", revision: null }))?.payload).toEqual({
    ...{ by: "ann", revision: null },
  });
  expect(parseClaim(row("message.set_aside", { task_id: 1, exits: [2, 3] }))?.payload).toEqual({
    ...{ task_id: 1, exits: [2, 3] },
  });
});

test.each([
  ["JSON that SQLite alone takes", "worker.ready", "{poll_ms:1}"],
  ["half of an object", "worker.ready", '{"poll_ms":1'],
  ["a number", "worker.ready", "7"],
  ["an array", "worker.ready", "[1]"],
  ["nothing", "worker.ready", "null"],
  ["another type of event", "revision.promoted", { revision: "worker:b", image_id: "b" }],
  ["a type by the name of what every object has", "constructor", {}],
  ["a supervisor's start", "process.started", { ...started, role: "supervisor" }],
  ["a start without a name", "process.started", { ...started, instance: undefined }],
  ["a name of any length", "process.started", { ...started, instance: "1".repeat(101) }],
  ["a process of no number", "process.started", { ...started, pid: -1 }],
  ["a text as a number", "worker.ready", { poll_ms: "1" }],
  ["less than no time", "worker.ready", { poll_ms: -1 }],
  ["another upstream", "upstream.unavailable", { upstream: "model", reason: "r" }],
  ["an end of another upstream's outage", "upstream.available", { upstream: "model", outage_ms: 1 }],
  ["a deploy of nothing", "deploy.requested", { by: "ann", revision: null }],
  ["a wish of nobody", "rollback.requested", { revision: null }],
  ["an image id of any length", "rollback.requested", { by: "a", revision: null, image_id: "i".repeat(201) }],
  ["more exits than a message has", "message.set_aside", { task_id: 1, exits: Array(11).fill(1) }],
  ["an exit of no id", "message.set_aside", { task_id: 1, exits: [0] }],
  ["half an exit", "message.set_aside", { task_id: 1, exits: [1.5] }],
])("%s is no claim", (_, eventType, payload) => {
  expect(parseClaim(row(eventType, payload))).toBeNull();
});

test("a payload that was left out is no claim", () => {
  expect(parseClaim({ ...row("worker.ready", {}), payload: null })).toBeNull();
});

test("words of any length are cut, and without what a terminal obeys", () => {
  const long = `\u001b[31m${"x".repeat(5000)}`;
  const { payload } = parseClaim(row("upstream.unavailable", { upstream: "telegram", reason: long })) ?? {};
  expect(payload).toEqual({ upstream: "telegram", reason: `${"x".repeat(299)}…` });
  const wish = parseClaim(row("deploy.requested", { by: long, revision: long }))?.payload;
  expect(wish).toEqual({ by: `${"x".repeat(199)}…`, revision: `${"x".repeat(511)}…` });
  const named = parseClaim(row("process.started", { ...started, version: long }))?.payload;
  expect(named).toEqual({ ...started, version: `${"x".repeat(99)}…` });
});

test("the bounds are what honest ones have", () => {
  const names = { ...started, instance: "1".repeat(100), pid: 0 };
  expect(parseClaim(row("process.started", names))?.payload).toEqual(names);
  const aside = { task_id: 1, exits: Array(10).fill(1) };
  expect(parseClaim(row("message.set_aside", aside))?.payload).toEqual(aside);
  const image = { by: "a", revision: null, image_id: "i".repeat(200) };
  expect(parseClaim(row("rollback.requested", image))?.payload).toEqual(image);
});
