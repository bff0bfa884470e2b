import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** Who may do what in the three volumes, as they are when they are new. */

let system: System;
beforeAll(async () => {
  system = await startSystem("volumes");
});
afterAll(() => system?.stop());

const inside = (container: string, command: string) => run("docker", ["exec", container, "sh", "-c", command]);

test("each directory belongs to whom it should", async () => {
  const { stdout } = await inside(
    system.supervisor,
    "stat -c '%u:%g %a %n' /state /own /requests /requests/in /requests/answers",
  );
  expect(stdout.trim().split("\n")).toEqual([
    "0:1000 2775 /state",
    "0:1000 750 /own",
    "0:0 755 /requests",
    "0:0 1733 /requests/in",
    "0:0 755 /requests/answers",
  ]);
});

test("the console puts a request there, which the supervisor reads and removes, and has no other power there", async () => {
  expect((await inside(system.console, "id -u; id -g")).stdout).toBe("1001\n1000\n");
  const put = "cd /requests/in && echo asked > .x && chmod 644 .x && mv .x x.json";
  expect(await inside(system.console, put)).toMatchObject({ exitCode: 0 });
  expect(await inside(system.supervisor, "echo mine > /requests/in/y.json")).toMatchObject({ exitCode: 0 });
  expect(await inside(system.console, "ls /requests/in")).not.toMatchObject({ exitCode: 0 });
  expect(await inside(system.console, "rm -f /requests/in/y.json")).not.toMatchObject({ exitCode: 0 });
  expect(await inside(system.console, "touch /requests/answers/z.json")).not.toMatchObject({ exitCode: 0 });
  const take =
    "cat /requests/in/x.json && rm /requests/in/x.json /requests/in/y.json && touch /own/z /requests/answers/z";
  expect(await inside(system.supervisor, take)).toMatchObject({ exitCode: 0, stdout: "asked\n" });
});

test("a worker has the state and neither of the others, and the console does not have the supervisor's own", async () => {
  const mounted = "{{range .Mounts}}{{.Destination}} {{end}}";
  expect(await must("docker", ["inspect", "--format", mounted, system.console])).not.toContain("/own");
  expect(await must("docker", ["inspect", "--format", mounted, system.worker])).toBe("/state");
  expect((await inside(system.worker, "env")).stdout).not.toMatch(/OWN_DIR|REQUESTS_DIR|SQLITE_TMPDIR/);
});

test("the console writes the state, though it is not the worker's user, and says that it is healthy", async () => {
  const chat = await system.openChat();
  await chat.isAnswered("through the local Telegram's own file");
  const forgotten = await run("docker", ["exec", system.console, "lastgood", "forget", "1", "--yes"]);
  expect(forgotten.stderr).not.toMatch(/EACCES|READONLY/);
  await must("sh", [
    "-c",
    `until docker inspect --format '{{.State.Health.Status}}' ${system.console} | grep -qx healthy; do :; done`,
  ]);
});

test("supervisor and console have a limit of memory", async () => {
  const limits = ["inspect", "--format", "{{.HostConfig.Memory}}", system.supervisor, system.console];
  expect((await must("docker", limits)).split("\n")).toEqual([String(512 * 2 ** 20), String(1024 * 2 ** 20)]);
});
