import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { inTransaction } from "../../shared/database.ts";
import { lastEvents, logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { fakeExit } from "../../shared/fake-exit.ts";
import { nextEvent } from "../../shared/follow.ts";
import { createFakeSupervisor, type FakeSupervisor } from "../../shared/requests/fake-supervisor.ts";
import { writeSupervisorView } from "../../shared/requests/supervisor-view.ts";
import { temporaryRequests } from "../../shared/requests/temporary-requests.ts";
import { readStatus } from "../../shared/status.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";

/** The command line as a real process, over real files; the test decides, and a stand-in takes requests and answers. */

const PROGRAM = join(import.meta.dirname, "main.ts");
/** A process takes some 300 ms to start here; this is when to stop waiting for one that never will. */
const PATIENCE_MS = 20_000;

let temporary: TemporaryDatabase;
let requests: ReturnType<typeof temporaryRequests>;
let supervisor: FakeSupervisor;
let children: ChildProcess[];
beforeEach(() => {
  temporary = temporaryDatabase();
  requests = temporaryRequests();
  supervisor = createFakeSupervisor(requests.directory, temporary.connect());
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  await supervisor.stop();
  requests.remove();
  temporary.remove();
});

/** @param stateDir the directory of the shared file; nothing that is asked for needs it */
function start(args: readonly string[], stateDir = "/nowhere/at/all") {
  const env = { PATH: process.env.PATH, STATE_DIR: stateDir, REQUESTS_DIR: requests.directory };
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (printed.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (printed.stderr += text));
  const ended = once(child, "close").then(([code]) => ({ code, ...printed }));
  return { child, ended };
}

const run = (...args: readonly string[]) => start(args).ended;
const read = (...args: readonly string[]) => start(args, temporary.directory).ended;

async function requested(type: EventType): Promise<number> {
  const matches = ({ eventType }: { eventType: string }) => eventType === type;
  const event = await nextEvent(temporary.db, 0, matches, AbortSignal.timeout(PATIENCE_MS));
  if (!event) throw new Error(`no ${type} came`);
  return event.id;
}

const supervisorStarted = () =>
  logEvent(temporary.db, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
const b = { revision: "worker:b", image_id: "sha256:b" };
const VIEW = { at: 0, pid: 1, version: "v", mirror: { behind: 0, problem: null } };

test("without a command there is help, and that is no error", async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: lastgood .*deploy .*Exit codes:\n {2}0 {4}done\n/s);
});

test("a rejected deploy tells why and leaves with 1", async () => {
  supervisor.run();
  const { ended } = start(["deploy", "worker:b"]);
  const request_id = await requested(EventType.DeployRequested);
  expect(lastEvents(temporary.db, 1)[0]?.payload).toEqual({
    by: `${userInfo().username}@${hostname()}`,
    from: "cli",
    revision: "worker:b",
    spool_id: expect.stringMatching(/^\w{26}$/),
  });
  const rejection = { request_id, revision: "worker:b", reason: "worker:b is running already" };
  logEvent(temporary.db, supervisorStarted(), EventType.DeployRejected, rejection);
  expect(await ended).toEqual({
    code: 1,
    stdout: "",
    stderr: "the deploy was rejected: worker:b is running already\n",
  });
});

test("a deploy is followed until it is promoted", async () => {
  supervisor.run();
  const { ended } = start(["deploy", "worker:b"]);
  const request_id = await requested(EventType.DeployRequested);
  logEvent(temporary.db, supervisorStarted(), EventType.DeployStarted, { ...b, request_id, reason: "requested" });
  const evidence = { ready_seconds: 60, instance: "1.1" };
  logEvent(temporary.db, null, EventType.RevisionPromoted, { ...b, evidence });
  expect(await ended).toEqual({
    code: 0,
    stdout: "accepted: worker:b is sha256:b\ndone: worker:b is promoted\n",
    stderr: "",
  });
});

test("a worker that fails is quoted, and an image that was quarantined before is named as such", async () => {
  supervisor.run();
  const { db } = temporary;
  logEvent(db, supervisorStarted(), EventType.RevisionQuarantined, { ...b, reason: "crash loop" });
  const { ended } = start(["deploy", "worker:b"]);
  const request_id = await requested(EventType.DeployRequested);
  const exit = fakeExit({ ...b, instance: "1.2", log_tail: ["Error: no such table", "\u001b[2J"] });
  inTransaction(db, () => {
    logEvent(db, null, EventType.DeployStarted, { ...b, request_id, reason: "requested" });
    logEvent(db, null, EventType.WorkerExited, exit);
    logEvent(db, null, EventType.RevisionQuarantined, { ...b, reason: "died in probation" });
    logEvent(db, null, EventType.DeployFailed, { ...b, request_id, reason: "died in probation" });
  });
  const { stdout, stderr } = await ended;
  expect(stdout).toContain("exited: crash (code 1)\n  Error: no such table\n  \\u001b[2J\n");
  expect(stderr).toBe(
    "this image was quarantined before (crash loop); it is tried again, because it is asked for\nthe deploy failed: died in probation\n",
  );
});

test("a worker that gets ready late, and is to be replaced, is not taken for the one that is asked for", async () => {
  supervisor.run();
  const { ended } = start(["deploy", "worker:b"]);
  const request_id = await requested(EventType.DeployRequested);
  const id = supervisorStarted();
  logEvent(temporary.db, id, EventType.DeployStarted, { ...b, request_id, reason: "requested" });
  logEvent(temporary.db, id, EventType.WorkerReady, { poll_ms: 1 });
  logEvent(temporary.db, id, EventType.WorkerSpawned, { ...b, pid: 1, instance: "1.2", container_id: "c" });
  logEvent(temporary.db, id, EventType.WorkerReady, { poll_ms: 1 });
  logEvent(temporary.db, null, EventType.RevisionPromoted, { ...b, evidence: { ready_seconds: 60, instance: "1.2" } });
  expect((await ended).stdout.split("\n").slice(1, 3)).toEqual([
    "started worker 1.2 of worker:b",
    "the worker is ready, and on probation",
  ]);
});

test("a failed deploy is one JSON object that tells what runs now", async () => {
  supervisor.run();
  const { db } = temporary;
  const { ended } = start(["deploy", "worker:b", "--json"]);
  const request_id = await requested(EventType.DeployRequested);
  const id = supervisorStarted();
  const back = { target_revision: "worker:a", from_revision: "worker:b", reason: "crash loop", request_id: null };
  inTransaction(db, () => {
    logEvent(db, id, EventType.DeployStarted, { ...b, request_id, reason: "requested" });
    logEvent(db, id, EventType.DeployFailed, { ...b, request_id, reason: "crash loop" });
    logEvent(db, id, EventType.RollbackStarted, { ...back, image_id: "sha256:a" });
  });
  logEvent(db, id, EventType.RollbackAttempted, { ...back, success: true, error: null });
  const { code, stdout } = await ended;
  expect([code, JSON.parse(stdout)]).toEqual([
    1,
    {
      request_id,
      outcome: "failed",
      reason: "crash loop",
      aftermath: { kind: "went back", revision: "worker:a" },
    },
  ]);
});

test("Ctrl-C leaves with 130, and the request goes on", async () => {
  supervisor.run();
  const { child, ended } = start(["rollback"]);
  const request = await requested(EventType.RollbackRequested);
  child.kill("SIGINT");
  expect(await ended).toEqual({
    code: 130,
    stdout: "",
    stderr: `left before it was decided; the request goes on: lastgood events --follow --since ${request}\n`,
  });
});

test("a deploy that nobody decides in time leaves with 2", async () => {
  supervisor.run();
  expect(await run("deploy", "worker:b", "--timeout", "1")).toEqual({
    code: 2,
    stdout: "",
    stderr: "still undecided after 1 s; the request goes on: lastgood events --follow --since 1\n",
  });
});

test("a deploy that waits for an earlier wish says which", async () => {
  supervisor.run();
  const status = { ...readStatus(temporary.db, 0), stopped: true, onHold: true };
  writeSupervisorView(requests.directory, { ...VIEW, status });
  const { stderr } = await run("deploy", "worker:b", "--timeout", "1");
  expect(stderr).toMatch(/^the agent is stopped: .*lastgood start\nthe agent is on hold: .*lastgood unhold\n/);
});

test("with --no-wait a request is only recorded", async () => {
  supervisor.run();
  expect(await run("rollback", "worker:a", "--no-wait")).toEqual({ code: 0, stdout: "1\n", stderr: "" });
  expect(lastEvents(temporary.db, 1)[0]?.payload).toMatchObject({ revision: "worker:a" });
});

test("a deploy that gave way to a newer request leaves with 3, and is not called a failure", async () => {
  supervisor.run();
  const { ended } = start(["deploy", "worker:b"]);
  const request_id = await requested(EventType.DeployRequested);
  const rejection = { request_id, revision: "worker:b", reason: "superseded by the rollback to worker:a" };
  logEvent(temporary.db, supervisorStarted(), EventType.DeployRejected, { ...rejection, replaced_by: 9 });
  expect(await ended).toEqual({
    code: 3,
    stdout: "",
    stderr: "the deploy was replaced: superseded by the rollback to worker:a\n",
  });
});

test("a wish is told as the event that it became, and is the operator's", async () => {
  supervisor.run();
  for (const [at, name] of ["stop", "start", "hold", "unhold", "cancel"].entries()) {
    const { code, stdout } = await run(name);
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^recorded as event ${at + 1}: .*\\n$`))]);
    expect(lastEvents(temporary.db, 1)).toMatchObject([
      { eventType: `${name}.requested`, payload: { by: `${userInfo().username}@${hostname()}`, from: "cli" } },
    ]);
  }
  expect(JSON.parse((await run("stop", "--json")).stdout)).toEqual({ request_id: 6 });
});

test("to cancel when nothing is in progress is remarked on, and asked for all the same", async () => {
  supervisor.run();
  writeSupervisorView(requests.directory, { ...VIEW, status: readStatus(temporary.db, 0) });
  expect(await run("cancel")).toMatchObject({ code: 0, stderr: expect.stringMatching(/^no deploy is in progress/) });
  expect(lastEvents(temporary.db, 1)).toMatchObject([{ eventType: "cancel.requested" }]);
});

test("where no supervisor runs a request is kept, and that is told; the next supervisor takes it", async () => {
  const kept = /^no supervisor runs.*docker compose up -d\. The request is kept as (\w{26}).*\n/;
  const [stopped, recorded] = await Promise.all([run("stop"), run("deploy", "worker:b", "--no-wait", "--json")]);
  expect(stopped).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(kept) });
  expect([recorded.code, JSON.parse(recorded.stdout)]).toEqual([
    2,
    { request_id: null, file: kept.exec(recorded.stderr)?.[1], outcome: "undecided" },
  ]);
  supervisor.look();
  const types = lastEvents(temporary.db, 2).map(({ eventType }) => eventType);
  expect(types.sort()).toEqual(["deploy.requested", "stop.requested"]);
});

test("following prints each new event until Ctrl-C", async () => {
  const request = (revision: string) =>
    logEvent(temporary.db, null, EventType.DeployRequested, { by: "op", from: "cli", revision });
  request("worker:a");
  const { child, ended } = start(["events", "--follow", "--json", "--type", "deploy."], temporary.directory);
  await once(child.stdout, "data"); // what was there is listed
  supervisorStarted();
  request("worker:b");
  await once(child.stdout, "data");
  child.kill("SIGINT");
  const { code, stdout } = await ended;
  const printed = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(printed.map(({ id, payload }) => [id, payload.revision])).toEqual([
    [1, "worker:a"],
    [3, "worker:b"],
  ]);
  expect(code).toBe(130);
});

function manyEvents(count: number) {
  const id = supervisorStarted();
  inTransaction(temporary.db, () => {
    for (let attempt = 0; attempt < count; attempt += 1) {
      logEvent(temporary.db, id, EventType.RestartScheduled, { delay_ms: 0, attempt });
    }
  });
}

test("a long tree is printed whole, drawn and as JSON", async () => {
  manyEvents(3_000);
  const [drawn, asJson] = await Promise.all([read("tree", "--all"), read("tree", "--all", "--json")]);
  expect(drawn.stdout.trim().split("\n")).toHaveLength(3_001);
  expect(JSON.parse(asJson.stdout).children).toHaveLength(3_000);
});

test("a reader that goes away ends a long listing without an error", async () => {
  manyEvents(5_000);
  const { child, ended } = start(["events", "--since", "0"], temporary.directory);
  child.stdout.once("data", () => child.stdout.destroy());
  const { code, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
