import { expect, test } from "@jest/globals";
import { plain } from "../output.ts";
import { columns } from "./columns.ts";
import { eventLine, shortPayload } from "./event-text.ts";
import { eventForJson, json } from "./json.ts";
import { ago, span } from "./relative-time.ts";

const event = {
  id: 12,
  timestamp: Date.UTC(2030, 0, 1),
  parentId: 1,
  eventType: "worker.ready",
  payload: { poll_ms: 3 },
};

test("an event is one line with its id, time, type and payload", () => {
  expect(eventLine(event, plain)).toBe("    12  2030-01-01T00:00:00.000Z  worker.ready          poll_ms=3");
  expect(eventLine({ ...event, payload: null }, plain)).toBe("    12  2030-01-01T00:00:00.000Z  worker.ready");
});

test("a payload is shortened to what is recognised at a glance", () => {
  const payload = { image_id: `sha256:${"ab".repeat(32)}`, reason: "crash loop", signal: null, log_tail: ["a", "b"] };
  expect(shortPayload(payload)).toBe('image_id=sha256:abababababab reason="crash loop" log_tail=[2]');
  expect(shortPayload({ error: "x".repeat(99) })).toBe(`error=${"x".repeat(59)}…`);
});

test("JSON has the names of the tables and readable times", () => {
  expect(json(eventForJson(event))).toBe(
    '{"id":12,"timestamp":"2030-01-01T00:00:00.000Z","parent_id":1,"event_type":"worker.ready","payload":{"poll_ms":3}}',
  );
});

test("names in what a payload or a count by tool holds are data, and stay", () => {
  const payload = { totals: { models: { "meta-llama/Llama-3.3-70B": 1 } } };
  expect(JSON.parse(json([{ eventType: "log.archived", payload, tools: { readFile: 2 } }]))).toEqual([
    { event_type: "log.archived", payload, tools: { readFile: 2 } },
  ]);
});

test.each([
  [-5_000, "0 s", "just now"],
  [999, "0 s", "just now"],
  [59_000, "59 s", "59 s ago"],
  [3 * 60_000 + 5, "3 min", "3 min ago"],
  [5_400_000, "1 h", "1 h ago"],
  [86_400_000, "1 day", "1 day ago"],
  [200_000_000, "2 days", "2 days ago"],
])("%d ms are told as %s", (ms, length, since) => {
  expect([span(new Date(0), new Date(ms)), ago(new Date(0), new Date(ms))]).toEqual([length, since]);
});

test("columns align under colours, and end without blanks", () => {
  expect(columns([["\u001b[1ma\u001b[22m", "x"], ["bcd", "y"], ["e"]])).toEqual([
    "\u001b[1ma\u001b[22m    x",
    "bcd  y",
    "e",
  ]);
});
