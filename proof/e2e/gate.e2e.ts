import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** The check before a deploy: an image cannot do anything there, and nothing that it brings makes a good one fail. */

let system: System;
beforeAll(async () => {
  system = await startSystem("gate", { RECONCILE_SECONDS: "1", DAILY_BUDGET_USD: "5" });
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

const identityOfWorker = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);
const check = () => `${system.project}-worker-check`;
const isThere = (name: string) => must("sh", ["-c", `until docker top ${name} >/dev/null 2>&1; do :; done`]);

test("an image that loses the argument and runs a whole worker is rejected, and has done nothing", async () => {
  const before = await system.newestEventId();
  const worker = await identityOfWorker();
  const image = await system.buildWorker("shell-form", "CMD node services/worker/main.ts");
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 1 });
  expect(await identityOfWorker()).toBe(worker);
  const types = (await system.eventsSince(before)).map(({ event_type }) => event_type);
  expect(types.filter((type) => type.startsWith("process.") || type.startsWith("worker."))).toEqual([]);
  expect(types).toContain("deploy.rejected");
});

test("a check has no network, no state and no secret", async () => {
  const image = await system.buildWorker(
    "looks-around",
    `CMD ["sh", "-c", "ls -n $STATE_DIR; ls /sys/class/net; env | grep TOKEN; touch $STATE_DIR/x; exit 9", "sh"]`,
  );
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 1 });
  const rejected = await system.nextEvent(0, ({ event_type, payload }) => {
    return event_type === "deploy.rejected" && payload.revision === image;
  });
  const { reason } = rejected.payload;
  expect(reason).toMatch(/total \d+\n-rw-rw-r-- 1 1000 1000 \d+ .* lastgood\.db\n/);
  expect(reason).toMatch(/\nlo\n/);
  expect(reason).toMatch(/\nTELEGRAM_BOT_TOKEN=1:xxxxx(\n|$)/);
  expect(reason).not.toMatch(/\neth0|heartbeat|1:local/);
  expect(reason).toContain("Permission denied");
});

test("a prompt on the state volume, which a check does not have, is no reason to reject a good image", async () => {
  await must("docker", ["exec", system.worker, "sh", "-c", "echo You answer briefly. > /state/prompt.txt"]);
  system.set({ AGENT_PROMPT_FILE: "/state/prompt.txt" });
  const before = await system.newestEventId();
  await system.compose("up", "--detach");
  await system.eventOf("worker.ready", before);
  const image = await system.buildWorker("with-prompt", "LABEL with=prompt");
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
  expect(await must("docker", ["exec", system.worker, "printenv", "AGENT_PROMPT_FILE"])).toBe("/state/prompt.txt");
});

test("volumes that an image declares at the state's place are no reason to reject it", async () => {
  const image = await system.buildWorker("volumes", "VOLUME /state", "VOLUME /state/deeper");
  expect(await system.lastgood("deploy", image)).toMatchObject({ exitCode: 0 });
  expect(await must("docker", ["ps", "--all", "--quiet", "--filter", `name=${check()}`])).toBe("");
});

/** Its check takes so long that somebody can come between. */
const SLOW_CHECK = `CMD ["sh", "-c", "[ \\"$1\\" = check ] && sleep 4; exec node services/worker/main.ts $1", "sh"]`;

test.each([
  ["killed", "kill"],
  ["removed", "rm"],
])("a check that somebody has %s is asked again, and the image is deployed", async (how, command) => {
  const image = await system.buildWorker(`check-${how}`, SLOW_CHECK, `LABEL how=${how}`);
  const deployed = system.lastgood("deploy", image);
  await isThere(check());
  await run("docker", command === "rm" ? ["rm", "--force", "--volumes", check()] : ["kill", check()]);
  expect(await deployed).toMatchObject({ exitCode: 0 });
});
