import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type HostileSystem, startHostileSystem } from "./hostile-revision.ts";

/** Revisions that lock what they share with everybody, or stop their heart; and a volume that is full. */

/** Room for a deploy, and little more: a file fills it in a moment. */
const SMALL_STATE = `volumes:
  state:
    driver: local
    driver_opts: { type: tmpfs, device: tmpfs, o: "size=280m,uid=0,gid=1000,mode=2775" }
`;

let hostile: HostileSystem;
beforeAll(async () => {
  hostile = await startHostileSystem("hostile-locks", { "docker-compose.override.yml": SMALL_STATE });
});
afterAll(() => hostile?.stop());

test.each([
  "locks and loops",
  "locks and lives on",
  "locks from a child",
  "puts a FIFO for a heartbeat",
  "puts a directory for a heartbeat",
  "links the heartbeat to the file",
])("a revision that %s has hung: the last good image answers", async (harm) => {
  await hostile.isJudged(harm, /(hang|broke the state) in its probation|a second exit in its probation: crash/);
});

test("an operator goes back from a revision that keeps the file locked, before it is judged", async () => {
  const { system, chat } = hostile;
  const good = await system.idOf(system.image);
  const deploying = system.lastgood("deploy", await hostile.build("locks and lives on", "LABEL again=yes"));
  await hostile.momentOf("locks and lives on");
  const back = await system.inConsole("lastgood", "rollback", system.image);
  expect(back).toMatchObject({ exitCode: 0 });
  await deploying;
  await chat.isAnswered("after a rollback by hand");
  expect(await system.imageOfWorker()).toBe(good);
});

test("a revision that fills the disk is stopped, and the last good image answers on what little room is left", async () => {
  const { deployed } = await hostile.isJudged("fills the disk", /filled the disk in its probation/);
  expect(deployed.stdout).toMatch(/\d+ MB are left on the state volume/);
});
