import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type HostileSystem, startHostileSystem, startOf } from "./hostile-revision.ts";

/** Revisions that break, remove or replace the file that they share with everybody. */

let hostile: HostileSystem;
beforeAll(async () => {
  hostile = await startHostileSystem("hostile-files");
});
afterAll(() => hostile?.stop());

test.each([
  "leaves out rows",
  "refuses rows",
  "says another version",
  "drops a table",
  "rewrites the schema",
  "writes random bytes",
  "removes the file",
  "puts a FIFO there",
  "puts a link there",
  "puts a directory there",
  "puts another database there",
  "puts an unreadable copy there",
  "cuts the file",
])("a revision that %s is stopped, the last good image answers, and the reason is told", async (harm) => {
  await hostile.isJudged(harm, /broke the state in its probation/);
});

test("a revision that cuts the shared memory ends itself, and neither the supervisor nor the console", async () => {
  const { system } = hostile;
  const before = await Promise.all([startOf(system.supervisor), startOf(system.console)]);
  await hostile.isJudged("cuts the shared memory", /in its probation/);
  expect(await Promise.all([startOf(system.supervisor), startOf(system.console)])).toEqual(before);
});

test("a page that only workers read, broken by a revision that an operator leaves, is not held against the good one", async () => {
  const { system, chat } = hostile;
  const good = await system.idOf(system.image);
  const deploying = system.lastgood("deploy", await hostile.build("breaks a page and is left"));
  await hostile.momentOf("breaks a page and is left");
  await system.lastgood("rollback", system.image);
  await deploying;
  await chat.isAnswered("after a broken page");
  expect(await system.imageOfWorker()).toBe(good);
});
