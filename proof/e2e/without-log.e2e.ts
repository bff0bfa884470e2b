import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** Somebody who is no worker keeps the shared file from everybody: what the operator says still counts. */

let system: System;
let page: string;
let good: string;
let next: string;
beforeAll(async () => {
  system = await startSystem("without-log");
  page = `http://${await system.compose("port", "console", "8080")}`;
  await system.eventOf("revision.promoted");
  good = await system.buildWorker("good", "LABEL revision=good");
  next = await system.buildWorker("next", "LABEL revision=next");
  expect(await system.lastgood("deploy", good)).toMatchObject({ exitCode: 0 });
  await takeTheFileAway();
});
afterAll(async () => {
  await run("docker", ["rm", "--force", taker()]);
  await system?.stop();
});

const taker = () => `${system.project}-taker`;

/** Where the file was there is a FIFO from now on, whatever is put there. */
async function takeTheFileAway(): Promise<void> {
  const script = `
    while :; do
      test -p /state/lastgood.db || { rm -rf /state/lastgood.db; mkfifo /state/lastgood.db; echo taken; }
      sleep 0.1
    done`;
  const volume = `${system.project}_state:/state`;
  const run = ["run", "--detach", "--name", taker(), "--network", "none", "--user", "1000:1000", "--volume", volume];
  await must("docker", [...run, "--entrypoint", "sh", system.image, "-c", script]);
  await must("sh", ["-c", `until docker logs ${taker()} | grep -q taken; do :; done`]);
}

const told = async (container: string, ...args: string[]) => {
  const { stdout, stderr } = await run("docker", ["exec", container, "lastgood", ...args]);
  return stdout + stderr;
};

/** What the supervisor says of itself, once it says this. */
async function view(container: string, saying: RegExp): Promise<string> {
  const until = Date.now() + 60_000;
  for (;;) {
    const text = await told(container, "status");
    if (saying.test(text)) return text;
    if (Date.now() > until) throw new Error(`no ${saying} in: ${text}`);
  }
}

test.each(["console", "supervisor"] as const)("in the %s's container each command works", async (service) => {
  const container = system[service];
  expect(await view(container, /The log cannot be read/)).toMatch(/supervisor +runs/);
  expect(await told(container, "doctor")).toMatch(/bad +database +.*is a FIFO/);
  for (const [wish, opposite, shown] of [
    ["stop", "start", /stopped +by an operator/],
    ["hold", "unhold", /hold +by an operator|on hold/],
  ] as const) {
    expect(await told(container, wish)).toMatch(/^recorded /);
    await view(container, shown);
    expect(await told(container, opposite)).toMatch(/^recorded /);
    await view(container, /worker/);
  }
  expect(await told(container, "deploy", next, "--timeout", "30")).toMatch(/^accepted: /);
  expect(await told(container, "cancel")).toMatch(/^recorded /);
  expect(await told(container, "deploy", "lastgood-worker:never-built")).toContain("the deploy was rejected");
  expect(await told(container, "rollback", system.image, "--timeout", "5")).toMatch(
    /going back|running already|rejected/,
  );
  expect(await told(container, "events")).toContain("is a FIFO");
});

test("the console's pages say so, and take every wish", async () => {
  for (const path of ["/", "/revisions", "/messages", "/usage"]) {
    const answer = await fetch(page + path);
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.stringMatching(/cannot be read/)]);
  }
  for (const wish of ["hold", "unhold"]) {
    const body = new URLSearchParams({ wish });
    const answer = await fetch(`${page}/requests`, { method: "POST", body });
    expect([wish, answer.status, await answer.text()]).toEqual([
      wish,
      200,
      expect.stringMatching(/has taken|recorded|asked/i),
    ]);
  }
});

/** A promotion may let an older image go, which is done before this is answered. */
async function settled(): Promise<void> {
  expect(await told(system.supervisor, "deploy", "lastgood-worker:never-built")).toContain("the deploy was rejected");
}

test("once it is over the log is whole again, the agent answers, and the supervisor has not died of it", async () => {
  await must("docker", ["rm", "--force", taker()]);
  const before = await must("docker", ["inspect", "--format", "{{.RestartCount}}", system.supervisor]);
  await view(system.supervisor, /worker +\S+ of .*ready for/);
  const chat = await system.openChat();
  await chat.isAnswered("after all that");
  await settled();
  const types = (await system.eventsSince(0)).map(({ event_type }) => event_type);
  expect(types).toEqual(expect.arrayContaining(["stop.requested", "cancel.requested", "state.replaced"]));
  expect(before).toBe("0");
});
