import { expect, test } from "@jest/globals";
import type { LoggedEvent } from "../../../../shared/event-log.ts";
import { spansOf } from "./spans.ts";

const event = (id: number, parentId: number | null, eventType: string, payload: LoggedEvent["payload"] = null) => ({
  id,
  timestamp: id * 10,
  parentId,
  eventType,
  payload,
});
const told = (events: readonly LoggedEvent[]) =>
  spansOf(events).map(({ depth, name, from, to, problem }) => [depth, name, from, to, problem]);

test("what began is told with its end, in the order of the tree", () => {
  const events = [
    event(1, null, "agent.started"),
    event(2, 1, "context.assembled"),
    event(3, 1, "turn.started"),
    event(5, 3, "tool_call.started", { tool_name: "recall" }),
    event(6, 3, "tool_call.failed", { tool_name: "recall", error: "no such chat" }),
    event(4, 1, "turn.completed"),
    event(7, 1, "turn.started"),
    event(8, 1, "turn.completed"),
    event(9, 1, "agent.completed"),
  ];
  expect(told(events)).toEqual([
    [0, "agent", 10, 90, null],
    [1, "context.assembled", 20, 20, null],
    [1, "turn", 30, 40, null],
    [2, "tool_call", 50, 60, "no such chat"],
    [1, "turn", 70, 80, null],
  ]);
});

test("what has no end yet goes on, and what failed says why", () => {
  expect(told([event(1, null, "agent.started"), event(2, 1, "turn.started")])).toEqual([
    [0, "agent", 10, null, null],
    [1, "turn", 20, null, null],
  ]);
  const failed = { error_class: "quota", error: "429" };
  expect(told([event(1, null, "agent.started"), event(2, 1, "agent.failed", failed)])).toEqual([
    [0, "agent", 10, 20, "quota: 429"],
  ]);
});

test("what was open when its worker died goes on no longer than the attempt, and ended for the same reason", () => {
  const died = { error_class: "worker_exited", error: "its worker exited" };
  const events = [
    event(1, null, "agent.started"),
    event(2, 1, "turn.started"),
    event(3, 2, "tool_call.started"),
    event(9, 1, "agent.failed", died),
  ];
  expect(told(events)).toEqual([
    [0, "agent", 10, 90, "worker_exited: its worker exited"],
    [1, "turn", 20, 90, "worker_exited: its worker exited"],
    [2, "tool_call", 30, 90, "worker_exited: its worker exited"],
  ]);
});

test("a part that was sent by an earlier attempt has an end alone, and is a row", () => {
  expect(told([event(1, null, "agent.started"), event(2, 1, "reply.sent")])[1]).toEqual([
    1,
    "reply.sent",
    20,
    20,
    null,
  ]);
});
