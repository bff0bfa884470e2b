import { execFile, execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { tryLock } from "../../shared/database.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { supervisorLockOf, writeSupervisorView } from "../../shared/requests/supervisor-view.ts";
import { temporaryRequests } from "../../shared/requests/temporary-requests.ts";
import { readStatusWithoutInbox } from "../../shared/status.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";

/** What can be seen of the moment when the worker has made the shared log unreadable. */

const PROGRAM = join(import.meta.dirname, "main.ts");
const A = { revision: "worker:a", image_id: "sha256:a" };

let shared: TemporaryDatabase;
let requests: ReturnType<typeof temporaryRequests>;
beforeEach(() => {
  shared = temporaryDatabase();
  requests = temporaryRequests();
});
afterEach(() => {
  requests.remove();
  shared.remove();
});

const lastgood = (args: readonly string[], stateDir = shared.directory) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((ended) => {
    const directories = { STATE_DIR: stateDir, REQUESTS_DIR: requests.directory };
    const env = { PATH: process.env.PATH, DOCKER_SOCKET: "/nowhere", ...directories };
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) =>
      ended({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

function tell() {
  const own = temporaryDatabase();
  logEvent(own.db, null, EventType.DeployStarted, { ...A, request_id: null, reason: "configured" });
  logEvent(own.db, null, EventType.SupervisorHalted, { reason: "nothing good is left" });
  const status = readStatusWithoutInbox(own.db, Date.now());
  own.remove();
  const mirror = { behind: 3, problem: "database is locked" };
  writeSupervisorView(requests.directory, { at: Date.now(), pid: 7, version: "v", status, mirror });
}

const withoutFiles = () => {
  shared.db.close();
  for (const part of ["", "-wal", "-shm"]) rmSync(shared.file + part, { force: true });
};

test.each<[string, RegExp, () => void]>([
  ["missing", /There is no database/, withoutFiles],
  [
    "a pipe",
    /is a FIFO/,
    () => {
      withoutFiles();
      execFileSync("mkfifo", [shared.file]);
    },
  ],
  [
    "no database",
    /SQLITE_NOTADB/,
    () => {
      withoutFiles();
      writeFileSync(shared.file, "no database ".repeat(100));
    },
  ],
  ["without its tables", /no such table/, () => shared.db.exec("DROP TABLE events")],
])("where the log is %s, status says so and shows what the supervisor told", async (_, why, harm) => {
  tell();
  harm();
  const { code, stdout, stderr } = await lastgood(["status"]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(why)]);
  expect(stdout).toMatch(/supervisor +does not run; it told this/);
  expect(stdout).toMatch(/wanted +worker:a.*\n/);
  expect(stdout).toMatch(/halted +nothing good is left\n/);
  expect(stdout).toMatch(/log +3 events of the supervisor's have not arrived in it: database is locked\n/);
  expect(stdout).not.toMatch(/inbox|newest event/);
  const told = JSON.parse((await lastgood(["status", "--json"])).stdout);
  expect(told).toMatchObject({
    wanted: { revision: "worker:a" },
    supervisor: { runs: false, pid: 7, mirror: { behind: 3 } },
    log_problem: expect.stringMatching(why),
  });
  expect(told).not.toHaveProperty("inbox");
});

test("where nobody has told anything, what is wrong with the log is all that is told", async () => {
  withoutFiles();
  expect(await lastgood(["status"])).toMatchObject({ code: 78, stdout: "" });
});

test("doctor goes by what the supervisor told where the log cannot be read", async () => {
  tell();
  shared.db.exec("DROP TABLE events");
  const lock = tryLock(supervisorLockOf(requests.directory));
  const findings = (await lastgood(["doctor", "--json"])).stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  lock?.release();
  const of = (about: string) => findings.find((finding) => finding.about === about);
  expect(of("database")).toMatchObject({ verdict: "bad", detail: expect.stringMatching(/no such table/) });
  expect(of("supervisor")).toEqual({ about: "supervisor", verdict: "good", detail: "it runs" });
  expect(of("requests")).toMatchObject({ verdict: "good" });
  expect(of("worker")).toMatchObject({ verdict: "bad", detail: "halted: nothing good is left" });
  expect(of("log")).toMatchObject({ verdict: "bad", detail: expect.stringMatching(/database is locked/) });
});

test("doctor tells where nothing can be asked of a supervisor", async () => {
  requests.remove();
  const { code, stdout } = await lastgood(["doctor"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/requests +none can be put into .*\(ENOENT\)\n.*REQUESTS_DIR/);
  requests = temporaryRequests();
});
