import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { CLAIMABLE, CLAIMABLE_ALONE, CLAIMABLE_CONTROL } from "./claimable.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

test("claims walk the open messages alone, however many are done", () => {
  for (const query of [CLAIMABLE, CLAIMABLE_ALONE, CLAIMABLE_CONTROL]) {
    const plan = temporary.db.prepare(`EXPLAIN QUERY PLAN ${query.replace("@most", "1")}`).all() as {
      detail: string;
    }[];
    const steps = plan.map(({ detail }) => detail).filter((step) => /^(SCAN|SEARCH) /.test(step));
    expect(steps.filter((step) => !FLAT.test(step))).toEqual([]);
  }
});
/** Open rows by an index of them; one row by its id; a chat's facts; and what was found so far. */
const FLAT =
  /INDEX inbox_(open|controls|alone|in_hand)\b|^SEARCH i USING INTEGER PRIMARY KEY|INDEX chat_facts \(<expr>=\? AND event_type=\?|^SCAN (chats|first|CONSTANT ROW)$|^SEARCH chats$/;

test("with 200,000 messages done, and with a backlog of 2,000 in 50 chats, a claim stays cheap", () => {
  const fill = temporary.db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
     INSERT INTO inbox (bot_id, update_id, chat_id, text, status) SELECT 42, @from + i, i % 50, 't', @status FROM n`,
  );
  fill.run({ count: 200_000, from: 0, status: "done" });
  fill.run({ count: 1, from: 250_000, status: "queued" });
  expect(medianMsOf(() => temporary.db.prepare(CLAIMABLE).all({ most: 1 }))).toBeLessThan(1);
  fill.run({ count: 2000, from: 300_000, status: "queued" });
  expect(medianMsOf(() => temporary.db.prepare(CLAIMABLE).all({ most: 1 }))).toBeLessThan(5);
});

function medianMsOf(work: () => unknown): number {
  const took = Array.from({ length: 21 }, () => {
    const before = performance.now();
    work();
    return performance.now() - before;
  });
  return took.sort((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY;
}
