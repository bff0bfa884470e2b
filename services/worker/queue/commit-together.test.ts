import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { eventsAfter, logEvent } from "../../../shared/event-log.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { commitTogether } from "./commit-together.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const parked = (chat_id: number) => logEvent(temporary.db, null, "chat.parked", { chat_id, reason: "blocked" });
const chatsIn = (db = temporary.db) => eventsAfter(db, 0, 100).map(({ payload }) => payload?.chat_id);

test("what is written in one turn is there for others all at once, in order, when the first of it is told", async () => {
  const other = temporary.connect();
  const first = commitTogether(temporary.db, () => parked(1));
  const second = commitTogether(temporary.db, () => {
    parked(2);
    return chatsIn(other);
  });
  await first;
  expect(chatsIn(other)).toEqual([1, 2]);
  expect(await second).toEqual([]);
});

test("work that throws leaves nothing and rejects, and what it shared the commit with is there", async () => {
  const before = commitTogether(temporary.db, () => parked(1));
  const broken = commitTogether(temporary.db, () => {
    parked(2);
    throw new Error("the claim is lost");
  });
  const after = commitTogether(temporary.db, () => parked(3));
  await expect(broken).rejects.toThrow("the claim is lost");
  await Promise.all([before, after]);
  expect(chatsIn()).toEqual([1, 3]);
});

test("when the commit fails, nobody is told that anything was written", async () => {
  temporary.db.pragma("busy_timeout = 0");
  const other = temporary.connect();
  other.exec("BEGIN IMMEDIATE");
  const works = [1, 2].map((chat) => commitTogether(temporary.db, () => parked(chat)));
  expect((await Promise.allSettled(works)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  other.exec("ROLLBACK");
  expect(chatsIn()).toEqual([]);
});
