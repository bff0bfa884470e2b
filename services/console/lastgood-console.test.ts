import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

/** The console as the image starts it, with a node of the test's own. */
const COMMAND = join(import.meta.dirname, "lastgood-console.sh");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-console-command-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function start(node: string) {
  writeFileSync(join(directory, "node"), `#!/bin/sh\n${node}\n`);
  chmodSync(join(directory, "node"), 0o755);
  const env = { PATH: `${directory}:${process.env.PATH}`, SEEN: join(directory, "seen") };
  const child = spawn(COMMAND, { env, stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (printed.stdout += text));
  child.stderr.on("data", (text) => (printed.stderr += text));
  return { child, ended: once(child, "close").then(([code]) => ({ code, ...printed })) };
}

test.each([0, 1, 78, 137])("with %d it ends, and is not started again", async (code) => {
  expect(await start(`echo started; exit ${code}`).ended).toEqual({ code, stdout: "started\n", stderr: "" });
});

test("what SIGBUS ended is told, and started again", async () => {
  const once = '[ -e "$SEEN" ] && { echo again; exit 7; }; touch "$SEEN"; kill -BUS $$';
  const { code, stdout, stderr } = await start(once).ended;
  expect([code, stdout, stderr.trim().split("\n")]).toEqual([
    7,
    "again\n",
    [expect.stringMatching(/^The console was ended by SIGBUS \(135\).* It is started again\./)],
  ]);
});

test("SIGTERM is passed on, and ends it", async () => {
  const { child, ended } = start("trap 'echo stopped; exit 0' TERM\necho here\nsleep 20 > /dev/null 2>&1 & wait $!");
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, stdout: "here\nstopped\n", stderr: "" });
});

test("SIGTERM between an end by SIGBUS and the next start ends it at once", async () => {
  const { child, ended } = start("echo started; kill -BUS $$");
  await once(child.stderr, "data");
  const stopped = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0, stdout: "started\n" });
  expect(performance.now() - stopped).toBeLessThan(1000);
});
