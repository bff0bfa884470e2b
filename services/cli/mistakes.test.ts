import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents } from "../../shared/event-log.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";

const PROGRAM = join(import.meta.dirname, "main.ts");

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

const lastgood = (args: readonly string[], stateDir = temporary.directory) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((ended) => {
    const env = { PATH: process.env.PATH, STATE_DIR: stateDir, REQUESTS_DIR: join(stateDir, "requests") };
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) =>
      ended({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

test.each([
  [["deplyo"], "error: unknown command 'deplyo' (Did you mean deploy?) (see lastgood --help)\n"],
  [["status", "--loud"], "error: unknown option '--loud' (see lastgood status --help)\n"],
  [["deploy"], "error: missing required argument 'image:tag' (see lastgood deploy --help)\n"],
  [
    ["deploy", "Not a reference"],
    "error: 'Not a reference' is not right for <image:tag>. It must be an image reference such as lastgood-worker:v2. (see lastgood deploy --help)\n",
  ],
  [
    ["usage", "--days", "999999", "--by", "year"],
    "error: '999999' is not right for --days <count>. It must be a whole number of at least 1, and at most 3660. (see lastgood usage --help)\n" +
      "error: 'year' is not right for --by <key>. Allowed choices are day, model, chat. (see lastgood usage --help)\n",
  ],
])("%j is wrong usage, told in a line each that leads to the help, and writes nothing", async (args, stderr) => {
  expect(await lastgood(args)).toEqual({ code: 2, stdout: "", stderr });
  expect(lastEvents(temporary.db, 1)).toEqual([]);
});

test.each([[["status"]], [["archive", "--older-than", "90d"]]])(
  "%j creates no database where there is none",
  async (args) => {
    const stateDir = mkdtempSync(join(tmpdir(), "lastgood-"));
    expect(await lastgood(args, stateDir)).toEqual({
      code: 78,
      stdout: "",
      stderr: `There is no database at ${stateDir}/lastgood.db. Start the supervisor first: it creates it.\n`,
    });
    expect(readdirSync(stateDir)).toEqual([]);
    rmSync(stateDir, { recursive: true });
  },
);

test.each([[["restore", "-"]], [["restore", PROGRAM]], [["archive", "--older-than", "90d"]], [["status"]]])(
  "%j names the directory that does not exist",
  async (args) => {
    const { code, stderr } = await lastgood(args, "/nowhere/at/all");
    expect([code, stderr]).toEqual([78, expect.stringMatching(/^[^\n]*\/nowhere\/at\/all[^\n]*\n$/)]);
  },
);

test.each([[["deploy", "worker:b"]], [["stop"]], [["cancel"]]])(
  "%j where no supervisor has made a place for it says so, and leaves nothing",
  async (args) => {
    const stateDir = mkdtempSync(join(tmpdir(), "lastgood-"));
    expect(await lastgood(args, stateDir)).toEqual({
      code: 78,
      stdout: "",
      stderr: expect.stringMatching(
        /^Nothing can be asked of the supervisor in .*\/requests\/in \(ENOENT\)\. Start the supervisor first.*\n$/,
      ),
    });
    expect(readdirSync(stateDir)).toEqual([]);
    rmSync(stateDir, { recursive: true });
  },
);

test("a file that is no database is told in one line", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "lastgood-"));
  writeFileSync(join(stateDir, "lastgood.db"), "no database ".repeat(100));
  const { code, stderr } = await lastgood(["events"], stateDir);
  expect(code).toBe(78);
  expect(stderr).toMatch(/^.*cannot be opened \(SQLITE_NOTADB\).*\n$/);
  rmSync(stateDir, { recursive: true });
});

test.each([
  [["backup", "/tmp"], 78, /^\/tmp is a directory: name a file in it\.\n$/],
  [["restore", "/tmp"], 78, /^There is no file \/tmp to restore\.\n$/],
  [["backup", "/proc/copy.db"], 1, /^unable to open database: \/proc\/copy\.db\.part \(SQLITE_\w+\)\. Check .*\n$/],
])("%j is refused in a line, without a stack", async (args, code, stderr) => {
  expect(await lastgood(args)).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
});
