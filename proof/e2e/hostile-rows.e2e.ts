import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { run } from "./command.ts";
import { type HostileSystem, startHostileSystem, startOf } from "./hostile-revision.ts";

/** Revisions that write whatever they like into the tables, and one that had been good. */

let hostile: HostileSystem;
beforeAll(async () => {
  hostile = await startHostileSystem("hostile-rows");
});
afterAll(() => hostile?.stop());

const COMMANDS = "status revisions events inbox usage doctor";
const PAGES = ["/", "/events", "/messages", "/revisions", "/usage", "/healthz"];

/** Whatever stands in the tables, each command and each page still works, in either container. */
async function everythingReads() {
  const { system } = hostile;
  const script = `for command in ${COMMANDS}; do lastgood $command > /dev/null || echo "$command ended with $?"; done`;
  const [here, there] = await Promise.all([
    run("docker", ["exec", system.supervisor, "sh", "-c", script]),
    system.inConsole("sh", "-c", script),
  ]);
  expect([here.stdout, there.stdout]).toEqual(["", ""]);
  const address = `http://${await system.compose("port", "console", "8080")}`;
  const answers = await Promise.all(PAGES.map(async (page) => [page, (await fetch(address + page)).status]));
  expect(answers).toEqual(PAGES.map((page) => [page, 200]));
}

test.each(["forges decisions", "forges payloads"])(
  "a revision that %s changes nothing: what it wrote decides nothing, and it can be left for the one before",
  async (harm) => {
    const { system, chat } = hostile;
    const good = await system.idOf(system.image);
    const supervisor = await startOf(system.supervisor);
    const consoleStart = await startOf(system.console);
    const image = await hostile.build(harm);
    expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
    expect(await hostile.momentOf(harm)).not.toBeNull();
    await chat.isAnswered(`beside a revision that ${harm}`);
    await everythingReads();
    expect(await system.imageOfWorker()).toBe(await system.idOf(image));
    const before = await system.newestEventId();
    expect(await system.inConsole("lastgood", "rollback", system.image)).toMatchObject({ exitCode: 0 });
    await system.eventOf("revision.promoted", before); // the last good one again, for what comes next
    await chat.isAnswered(`after a revision that ${harm}`);
    expect(await system.imageOfWorker()).toBe(good);
    expect(await startOf(system.supervisor)).toBe(supervisor);
    expect(await startOf(system.console)).toBe(consoleStart);
  },
  240_000, // every command in both containers
);

test("a revision that uses up the ids is stopped, and the last good image answers", async () => {
  await hostile.isJudged("uses up the ids", /broke the state in its probation/);
});

test("a revision that floods the file with claims is stopped or left by hand, and the last good image answers", async () => {
  const { system, chat } = hostile;
  const good = await system.idOf(system.image);
  const deploying = system.lastgood("deploy", await hostile.build("floods with claims"));
  await hostile.momentOf("floods with claims");
  const said = Date.now();
  expect(await system.inConsole("lastgood", "rollback", system.image)).toMatchObject({ exitCode: 0 });
  await deploying;
  await chat.isAnswered("after a flood");
  process.stdout.write(`back from a flood after ${(Date.now() - said) / 1000} s\n`);
  expect(await system.imageOfWorker()).toBe(good);
});

test("a revision that was good and then removes the file is started again on a new one, and the loss is told", async () => {
  const { system, chat } = hostile;
  const image = await hostile.build("removes the file", "ENV HOSTILE_WHEN=now");
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
  await run("docker", ["exec", system.supervisor, "touch", "/state/now"]);
  const moment = await hostile.momentOf("removes the file");
  await run("docker", ["exec", system.supervisor, "rm", "/state/now"]);
  await system.lineOf("supervisor", "state.replaced");
  await chat.isAnswered("on a new file");
  process.stdout.write(`a promoted revision without its file answers after ${(Date.now() - (moment ?? 0)) / 1000} s\n`);
  expect(await system.imageOfWorker()).toBe(await system.idOf(image));
  const id = await system.idOf(image);
  await system.nextEvent(0, ({ event_type, payload }) => event_type === "state.replaced" && payload.image_id === id);
});
