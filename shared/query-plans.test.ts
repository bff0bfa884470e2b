import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { NEWEST_RENEWAL } from "./chat-state.ts";
import { DEAD_CLAIM, OPEN_ATTEMPTS_AT } from "./dead-claim.ts";
import { ENDED_TURNS } from "./ended-turns.ts";
import { NEWEST_EXIT_OF } from "./last-words.ts";
import { LISTED, type Listed } from "./message-list.ts";
import { IN_HAND } from "./running-attempts.ts";
import { CONFIGURED_BEFORE, GOOD_REVISIONS, NEWEST_VERDICT, PENDING_REQUEST } from "./state.ts";
import { UNANSWERED } from "./status.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";
import { TOOL_CALLS } from "./tool-usage.ts";
import { OPEN_ATTEMPTS } from "./worker-process.ts";

/** What is asked at every look or exit costs the same however long the log is: each step is a search in its index. */

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const planOf = (query: string, parameters: object = {}) =>
  (temporary.db.prepare(`EXPLAIN QUERY PLAN ${query}`).all(parameters) as { detail: string }[])
    .map(({ detail }) => detail)
    .join("\n");

test("the answer to a request is found by the request's id", () => {
  expect(planOf(PENDING_REQUEST)).toMatch(/SEARCH a USING INDEX answers_by_request \(<expr>=\?\)/);
});

test("the attempts at what is open are found by the message", () => {
  const plan = planOf(OPEN_ATTEMPTS, { processId: 1 });
  expect(plan).toMatch(/SEARCH a USING INDEX attempts_by_task \(<expr>=\?\)/);
  expect(plan).toMatch(/i USING INDEX inbox_open/);
});

test("the good revisions are walked from the newest, and each image's newest verdict is found by the image", () => {
  const plan = planOf(GOOD_REVISIONS, [10]);
  expect(plan).toMatch(/SEARCH v USING INDEX verdicts_by_image \(<expr>=\? AND rowid>\?\)/);
  expect(plan).not.toContain("TEMP B-TREE"); // a sort would read them all before the first
});

test("what was said of an image is found by the image", () => {
  expect(planOf(NEWEST_VERDICT, { imageId: "sha256:a", before: 1 })).toBe(
    "SEARCH events USING INDEX verdicts_by_image (<expr>=? AND rowid<?)",
  );
  expect(planOf(CONFIGURED_BEFORE, ["sha256:a"])).toBe("SEARCH events USING INDEX deploys_by_image (<expr>=?)");
});

test("what holds for a chat is found by the chat", () => {
  expect(planOf(NEWEST_RENEWAL, { chatId: 7 })).toBe("SEARCH f USING INDEX chat_facts (<expr>=? AND event_type=?)");
});

test("usage is told from an index alone", () => {
  const time = { type: "turn.completed", from: 0, to: 1 };
  const search = "SEARCH e USING COVERING INDEX ended_turns (event_type=? AND timestamp>? AND timestamp<?)";
  expect(planOf(ENDED_TURNS({ model: true, chat: false }), time)).toContain(search);
  expect(planOf(ENDED_TURNS({ model: false, chat: true }), time)).toContain(search);
});

test("what is not answered is counted without a look at what is", () => {
  const plan = planOf(UNANSWERED);
  expect(plan).toMatch(/inbox USING INDEX inbox_open/);
  expect(plan).toMatch(/inbox USING INDEX inbox_ended_badly/);
});

test("what is in hand is found by its claim, and the attempts at it by the message", () => {
  const plan = planOf(IN_HAND);
  expect(plan).toMatch(/i USING INDEX inbox_in_hand/);
  expect(plan).toMatch(/SEARCH a USING (COVERING )?INDEX attempts_by_task \(<expr>=\?\)/);
});

test("messages are listed without a sort of all of them, and what did not end well by its index", () => {
  const plan = (outcome: Listed) => planOf(LISTED(outcome), { before: 1, limit: 1 });
  expect(plan("all")).toBe("SEARCH inbox USING INTEGER PRIMARY KEY (rowid<?)");
  expect(plan("answered")).toBe("SEARCH inbox USING INTEGER PRIMARY KEY (rowid<?)");
  for (const outcome of ["failed", "set aside", "given up"] as const) {
    expect(plan(outcome)).toBe("SEARCH inbox USING INDEX inbox_ended_badly (id<?)");
  }
  expect(plan("ignored")).toBe("SEARCH inbox USING INDEX inbox_ignored (id<?)");
  expect(plan("dropped")).toBe("SEARCH inbox USING INDEX inbox_dropped (id<?)");
  expect(plan("waiting")).toContain("inbox USING INDEX inbox_open");
});

test("a failed worker's last words are searched from the failure back, among the exits alone", () => {
  const plan = planOf(NEWEST_EXIT_OF, { after: 1, before: 2, imageId: "sha256:a" });
  expect(plan).toBe("SEARCH events USING INDEX events_by_type (event_type=? AND rowid>? AND rowid<?)");
});

test("calls of tools are counted tool by tool, as their index has them", () => {
  const plan = planOf(TOOL_CALLS, { type: "tool_call.started", firstId: 1 });
  expect(plan).toBe("SEARCH events USING INDEX tool_calls (event_type=?)");
});

test("whether a claim is dead is told without a walk over the log, and the attempts at its message are found by it", () => {
  const plan = planOf(DEAD_CLAIM, { id: 1 })
    .split("\n")
    .filter((step) => /^(SCAN|SEARCH)/.test(step));
  const flat = /INTEGER PRIMARY KEY|INDEX exits_by_instance|INDEX events_by_type \(event_type=\?\)$/;
  expect(plan.filter((step) => !flat.test(step))).toEqual([]);
  expect(planOf(OPEN_ATTEMPTS_AT, [1])).toMatch(/SEARCH a USING INDEX attempts_by_task \(<expr>=\?\)/);
});
