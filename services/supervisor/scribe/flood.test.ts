import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../../shared/database.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { lookAtRows } from "./look-at-rows.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

function write(type: string, payload: string | null, times = 1): number {
  const insert = temporary.db.prepare("INSERT INTO events (event_type, payload) VALUES (?, ?)");
  let id = 0;
  inTransaction(temporary.db, () => {
    for (let n = 0; n < times; n += 1) id = Number(insert.run(type, payload).lastInsertRowid);
  });
  return id;
}

const look = (after = 0) => lookAtRows(temporary.db, { anchors: [], after });

test("whoever comes after a flood is heard at the next look", () => {
  write("process.started", '{"instance":"1.1"}', 5000);
  write("worker.ready", "{}", 5000);
  const started = write("process.started", '{"instance":"1.2"}');
  const ready = write("worker.ready", '{"poll_ms":1}');
  const { claims, skipped, scannedTo } = look();
  expect(claims.slice(-2).map(({ id }) => id)).toEqual([started, ready]);
  expect(claims).toHaveLength(200);
  expect(skipped).toBe(10_002 - 200);
  expect(scannedTo).toBe(ready);
});

test("a hundred of a type are all heard, in their order, once", () => {
  const last = write("worker.ready", "{}", 100);
  const { claims, skipped } = look();
  expect(claims.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => last - 99 + n));
  expect(skipped).toBe(0);
  expect(look(last)).toMatchObject({ claims: [], skipped: 0, scannedTo: last });
});

test("a payload that is longer than any claim is none, by its bytes", () => {
  write("worker.ready", JSON.stringify({ a: "é".repeat(999) }));
  write("worker.ready", JSON.stringify({ a: "e".repeat(1992) }));
  expect(look()).toMatchObject({ claims: [{ id: 2 }], skipped: 1 });
});
