import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must, run } from "./command.ts";
import { startOwnRegistry } from "./own-registry.ts";
import { type System, startSystem } from "./system.ts";

/** Images that are not here: a registry gives them, or says why not. */

const LOGIN = { username: "ann", password: "a-password-to-keep" };

let directory: string;
let system: System;
let open: Awaited<ReturnType<typeof startOwnRegistry>>;
let closed: Awaited<ReturnType<typeof startOwnRegistry>>;
let imageId: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-logins-"));
  const logins = join(directory, "config.json");
  writeFileSync(logins, "", { mode: 0o600 });
  system = await startSystem("registry", { DOCKER_LOGINS_PATH: logins });
  const image = await system.buildWorker("elsewhere", "RUN head -c 3000000 /dev/urandom > /tmp/made-for-this");
  imageId = await must("docker", ["image", "inspect", "--format", "{{.Id}}", image]);
  open = await startOwnRegistry(image);
  closed = await startOwnRegistry(image, LOGIN);
  await must("docker", ["image", "rm", "--force", image]);
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  await system?.stop();
  const pulled = [open, closed].flatMap((registry) => (registry ? [`${registry.address}/team/worker:1`] : []));
  await run("docker", ["image", "rm", "--force", ...pulled]); // what was not pulled is not there
  await open?.stop();
  await closed?.stop();
  rmSync(directory, { recursive: true });
});

const identityOfWorker = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);

/** Deploys what cannot be pulled, and gives the reason it is rejected for. */
async function reasonOf(image: string): Promise<unknown> {
  const [worker, before] = [await identityOfWorker(), await system.newestEventId()];
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 1 });
  expect(await identityOfWorker()).toBe(worker);
  return (await system.eventOf("deploy.rejected", before)).payload.reason;
}

test("what a registry does not have, or gives to nobody for now, is rejected with what to do", async () => {
  expect(await reasonOf(`${open.address}/team/unknown:1`)).toContain("the registry does not know it: check the name");
  expect(await reasonOf(`${open.address}/team/limited:1`)).toContain("the registry's rate limit is reached");
  expect(await reasonOf("127.0.0.1:9/team/worker:1")).toContain("connection refused");
});

test("an image that is not here is pulled, and runs", async () => {
  expect(await system.lastgood("deploy", `${open.address}/team/worker:1`)).toMatchObject({ exitCode: 0 });
  expect(await must("docker", ["inspect", "--format", "{{.Image}}", system.worker])).toBe(imageId);
});

test("a private registry is a matter of a login, which no log and no event tells", async () => {
  const image = `${closed.address}/team/worker:1`;
  expect(await reasonOf(image)).toContain("the registry refuses: log in");
  const logins = join(directory, "config.json");
  writeFileSync(logins, JSON.stringify({ auths: {}, credsStore: "keychain" }));
  expect(await reasonOf(image)).toContain('credential helper "keychain", which cannot run here');
  writeFileSync(logins, JSON.stringify(closed.logins));
  await system.lastgood("rollback");
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
  expect(await must("docker", ["inspect", "--format", "{{.Image}}", system.worker])).toBe(imageId);
  const said = (await system.lastgood("events", "--json", "-n", "10000")).stdout + (await system.compose("logs"));
  expect(said).toContain(image);
  expect(said).not.toContain(LOGIN.password);
  expect(said).not.toContain(Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64"));
  expect(await must("docker", ["exec", system.worker, "env"])).not.toContain("DOCKER_LOGINS");
});

test("a registry that refuses at length is told of in a thousand characters, none of which a terminal obeys", async () => {
  const reason = String(await reasonOf(`${open.address}/team/verbose:1`));
  expect(reason.length).toBeLessThanOrEqual(1000);
  const said = await system.lastgood("events", "--type", "deploy.rejected", "-n", "1");
  const whole = await system.lastgood("events", "--type", "deploy.rejected", "-n", "1", "--json");
  expect(said.stdout + whole.stdout).toContain("team/verbose");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
  expect(said.stdout + whole.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test.each(["rollback", "stop", "cancel", "deploy"])(
  "while an image comes slowly, a %s takes its place at once",
  async (wish) => {
    const before = await system.newestEventId();
    const slow = system.lastgood("deploy", `${open.address}/team/slow:1`);
    const asked = await system.eventOf("deploy.requested", before);
    await system.lineOf("supervisor", "team/slow:1");
    const newer = system.lastgood(wish, ...(wish === "deploy" ? ["lastgood-worker:never-built"] : []));
    const { exitCode, stdout, stderr } = await slow;
    expect([exitCode, stdout + stderr]).toEqual([3, expect.stringMatching(/replaced|cancelled/)]);
    const rejected = await system.eventOf("deploy.rejected", asked.id);
    const { payload } = await system.eventOf(`${wish}.requested`, asked.id);
    expect(payload).toMatchObject({ from: "cli" });
    expect(rejected.payload).toMatchObject({
      request_id: asked.id,
      replaced_by: wish === "cancel" ? null : expect.any(Number),
    });
    expect(Date.parse(rejected.timestamp) - Date.parse(asked.timestamp)).toBeLessThan(20_000); // the registry's first answer takes half a minute
    await newer;
    const page = await (await fetch(`http://${await system.compose("port", "console", "8080")}/revisions`)).text();
    expect(page).toMatch(/team\/slow:1[\s\S]{0,200}replaced/);
    if (wish === "stop") await system.lastgood("start");
  },
);

test("while a registry is silent the running worker is watched over all the same", async () => {
  const before = await system.newestEventId();
  await system.lastgood("deploy", `${open.address}/team/silent:1`, "--no-wait");
  await system.killFromWithin();
  const exited = await system.eventOf("worker.exited", before);
  await system.eventOf("worker.ready", exited.id);
});
