import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type TemporaryPast, temporaryPast } from "../archive/temporary-past.ts";

const PROGRAM = resolve(import.meta.dirname, "../main.ts");

let past: TemporaryPast;
let script: string;
beforeEach(async () => {
  past = temporaryPast(Date.now());
  script = await execute(process.execPath, [PROGRAM, "completion", "bash"]);
});
afterEach(() => past.remove());

const execute = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((ended) => {
    const env = {
      PATH: process.env.PATH,
      STATE_DIR: past.directory,
      REQUESTS_DIR: resolve(past.directory, "requests"),
    };
    execFile(program, args, { env }, (_error, stdout, stderr) => ended(stdout + stderr));
  });

/** What a real bash offers at the end of a line. */
async function complete(line: string): Promise<string[]> {
  const lastgood = `lastgood() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
  const typed = `COMP_LINE='${line}' COMP_POINT=${line.length}`;
  const printed = await execute("bash", [
    "--norc",
    "-c",
    `${lastgood}\n${script}\n${typed}; _lastgood; echo "\${COMPREPLY[@]}"`,
  ]);
  return printed.trim().split(" ").filter(Boolean);
}

test("bash completes commands, options, and an option's words", async () => {
  expect(await complete("lastgood re")).toEqual(["retry", "revisions", "restore"]);
  expect(await complete("lastgood events --f")).toEqual(["--follow"]);
  expect(await complete("lastgood inbox --status set")).toEqual(["set_aside"]);
  expect(await complete("lastgood completion z")).toEqual(["zsh"]);
  expect(await complete("lastgood status ")).toEqual([]);
});

test("bash completes the images, messages and chats that the database knows", async () => {
  const image = { revision: "worker:v2", image_id: "sha256:b", request_id: null, reason: "configured" } as const;
  logEvent(past.db, past.supervisor, EventType.DeployStarted, image);
  for (let number = 0; number < 12; number += 1) past.message({ at: Date.now(), chatId: -100 });
  expect(await complete("lastgood deploy wor")).toEqual(["worker:v2"]);
  expect(await complete("lastgood deploy worker:")).toEqual(["v2"]); // what comes after the colon is all that bash replaces
  expect(await complete("lastgood why 1")).toEqual(["12", "11", "10", "1"]);
  expect(await complete("lastgood retry 3 1")).toEqual(["12", "11", "10", "1"]);
  expect(await complete("lastgood forget -y -- ")).toEqual(["-100"]);
});

test.each(["zsh", "fish"])("what %s takes has the same commands, words and questions", async (shell) => {
  const printed = await execute(process.execPath, [PROGRAM, "completion", shell]);
  for (const part of ["archive", "set_aside", "lastgood completion image", "lastgood completion message"])
    expect(printed).toContain(part);
});
