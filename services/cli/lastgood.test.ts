import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

/** The command as the image has it, with a node of the test's own. */
const COMMAND = join(import.meta.dirname, "lastgood.sh");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-command-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function start(node: string, args: readonly string[] = []) {
  writeFileSync(join(directory, "node"), `#!/bin/sh\n${node}\n`);
  chmodSync(join(directory, "node"), 0o755);
  const child = spawn(COMMAND, args, { env: { PATH: `${directory}:${process.env.PATH}` } });
  const printed = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (printed.stdout += text));
  child.stderr.on("data", (text) => (printed.stderr += text));
  return { child, ended: once(child, "close").then(([code, signal]) => ({ code, signal, ...printed })) };
}

test("arguments, standard input and the exit code go through", async () => {
  const { child, ended } = start('shift; for word; do echo "<$word>"; done; cat; exit 78', ["a b", "*", ""]);
  child.stdin.end("what comes in");
  expect(await ended).toEqual({ code: 78, signal: null, stdout: "<a b>\n<*>\n<>\nwhat comes in", stderr: "" });
});

test("what SIGBUS ended is told in a line", async () => {
  const { code, stderr } = await start("kill -BUS $$").ended;
  expect([code, stderr.trim().split("\n")]).toEqual([
    1,
    [expect.stringMatching(/^lastgood was ended by SIGBUS \(135\)/)],
  ]);
});

test("another signal's end is no such line", async () => {
  expect(await start("kill -KILL $$").ended).toMatchObject({ code: 137, stderr: "" });
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s is passed on, and what then ends is waited for",
  async (signal) => {
    // Node takes SIGINT also where a shell started it with that ignored.
    const program = `process.on("${signal}", () => { console.log("had it"); process.exit(130); }); setInterval(() => {}, 1000); console.log("here");`;
    const { child, ended } = start(`exec '${process.execPath}' -e '${program}'`);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await ended).toEqual({ code: 130, signal: null, stdout: "here\nhad it\n", stderr: "" });
  },
);
