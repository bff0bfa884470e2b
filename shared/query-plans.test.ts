import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { NEWEST_RENEWAL } from "./chat-facts.ts";
import { PENDING_REQUEST } from "./state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./temporary-database.ts";
import { OPEN_ATTEMPTS } from "./worker-state.ts";

/** What is asked at every look or exit costs the same however long the log is: each step is a search in its index. */

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const planOf = (query: string, parameters = {}) =>
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

test("what holds for a chat is found by the chat", () => {
  expect(planOf(NEWEST_RENEWAL, [7])).toBe("SEARCH events USING INDEX chat_facts (<expr>=? AND event_type=?)");
});
