import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openDatabase, tryLock } from "../../shared/database.ts";
import { lastEvents, logEvent, newestEventId } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { refusal, writeAnswer } from "../../shared/requests/answers.ts";
import { createFakeSupervisor, type FakeSupervisor } from "../../shared/requests/fake-supervisor.ts";
import { makeRequestsDirectory } from "../../shared/requests/requests-directory.ts";
import { supervisorLockOf, writeSupervisorView } from "../../shared/requests/supervisor-view.ts";
import { readRequests, removeRequest } from "../../shared/requests/take-requests.ts";
import { initSchema } from "../../shared/schema.ts";
import { readStatus } from "../../shared/status.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

let temporary: TemporaryDatabase;
let local: TemporaryConsole;
let supervisor: FakeSupervisor;
beforeEach(() => {
  temporary = temporaryDatabase();
  local = temporaryConsole({ directory: temporary.directory });
  supervisor = createFakeSupervisor(local.requestsDir, temporary.db);
});
afterEach(async () => {
  await supervisor.stop();
  await local.remove({ keep: true });
  temporary.remove();
});

const request = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  local.page.request("http://localhost:8080/requests", {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
  });

const pageAt = async (path: string) => (await local.page.request(path)).text();
const asked = async (fields: Record<string, string>) => (await request(fields)).headers.get("location") ?? "";
const b = { revision: "worker:b", image_id: "sha256:b" };

test("a wish is recorded once, with who asked and from where, and the page that follows it is opened", async () => {
  supervisor.run();
  const response = await request({ wish: "deploy", revision: " worker:v2 " }, { Origin: "http://localhost:8080" });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/revisions?request=1"]);
  expect(lastEvents(temporary.db, 10)).toMatchObject([
    { eventType: "deploy.requested", payload: { by: "operator", from: "console", revision: "worker:v2" } },
  ]);
});

test("what another site's page, a wrong name or no image asks for is refused, and not recorded", async () => {
  const another = { Origin: "http://evil.example" };
  expect((await request({ wish: "stop" }, another)).status).toBe(403);
  expect((await request({ wish: "toString" })).status).toBe(400);
  expect((await request({ wish: "deploy", revision: "--privileged" })).status).toBe(400);
  expect((await local.page.request("/revisions/ask?wish=none")).status).toBe(404);
  expect(readRequests(local.requestsDir)).toEqual([]);
});

test("a rollback goes to a good revision that is held, and to none that was given up, runs, or was never good", async () => {
  const { db } = temporary;
  supervisor.run();
  const image = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });
  const evidence = { ready_seconds: 60, instance: "1.1" };
  for (const tag of ["a", "b", "c", "d"]) logEvent(db, null, EventType.RevisionPromoted, { ...image(tag), evidence });
  logEvent(db, null, EventType.DeployStarted, { ...image("d"), request_id: null, reason: "requested" });
  logEvent(db, null, EventType.RevisionQuarantined, { ...image("c"), reason: "it crashed" });
  const before = newestEventId(db);
  for (const refused of ["sha256:c", "sha256:d", "sha256:z"]) {
    expect((await request({ wish: "rollback", image: refused })).status).toBe(409);
  }
  expect(newestEventId(db)).toBe(before);
  expect((await request({ wish: "rollback", image: "sha256:a" })).status).toBe(303);
  expect(lastEvents(db, 1)).toMatchObject([
    { eventType: "rollback.requested", payload: { by: "operator", from: "console", ...image("a") } },
  ]);
});

test("what the supervisor has not taken yet is kept, and the page says whether one runs, and then what became of it", async () => {
  const location = await asked({ wish: "deploy", revision: "worker:b" });
  expect(location).toMatch(/^\/revisions\?asked=\w{26}$/);
  expect(await pageAt(location)).toMatch(/asked; no supervisor runs, so it seems/);
  const lock = tryLock(supervisorLockOf(local.requestsDir));
  expect(await pageAt(location)).toMatch(/asked; the supervisor has not answered yet/);
  lock?.release();
  supervisor.look();
  expect(await pageAt(location)).toMatch(/the deploy is asked for/);
  logEvent(temporary.db, null, EventType.DeployStarted, { ...b, request_id: 1, reason: "requested" });
  const replaced = { ...b, request_id: 1, reason: "superseded by the rollback to worker:a", replaced_by: 9 };
  logEvent(temporary.db, null, EventType.DeployFailed, replaced);
  supervisor.look();
  for (const path of [location, "/revisions?request=1"]) {
    const page = await pageAt(path);
    expect(page).toMatch(/<li class="">the deploy was replaced: superseded by the rollback to worker:a<\/li>/);
    expect(page).toMatch(/class="badge plain">replaced</);
    expect(page).not.toMatch(/badge bad/);
  }
});

test("what could not be taken is told with the reason", async () => {
  const answering = asked({ wish: "stop" });
  let found = readRequests(local.requestsDir);
  while (found.length === 0) {
    await new Promise(setImmediate);
    found = readRequests(local.requestsDir);
  }
  for (const { id } of found) {
    writeAnswer(local.requestsDir, id, refusal("it is of another version"));
    removeRequest(local.requestsDir, id);
  }
  expect(await pageAt(await answering)).toMatch(/could not be taken: it is of another version/);
});

test("a deploy that is in progress can be cancelled, and nothing else can", async () => {
  const cancel = /href="\/revisions\/ask\?wish=cancel"/;
  expect(await pageAt("/revisions")).not.toMatch(cancel);
  supervisor.run();
  await request({ wish: "deploy", revision: "worker:b" });
  expect(await pageAt("/revisions")).toMatch(cancel);
  logEvent(temporary.db, null, EventType.DeployStarted, { ...b, request_id: 1, reason: "requested" });
  expect(await pageAt("/revisions")).toMatch(cancel);
  expect(await pageAt("/revisions/ask?wish=cancel")).toMatch(/name="wish" value="cancel"/);
  expect((await request({ wish: "cancel" })).status).toBe(303);
  expect(lastEvents(temporary.db, 1)).toMatchObject([
    { eventType: "cancel.requested", payload: { by: "operator", from: "console" } },
  ]);
});

test("where the log cannot be read the page says why, what the supervisor told, and takes every wish", async () => {
  logEvent(temporary.db, null, EventType.DeployStarted, { ...b, request_id: null, reason: "configured" });
  const status = { ...readStatus(temporary.db, 0), halted: "nothing good is left" };
  const mirror = { behind: 3, problem: "database is locked" };
  writeSupervisorView(local.requestsDir, { at: 0, pid: 1, version: "v", status, mirror });
  await pageAt("/revisions"); // the file is open
  temporary.db.exec("DROP TABLE events");
  for (const path of ["/", "/revisions", "/messages", "/usage"]) {
    const page = await pageAt(path);
    expect([path, page]).toEqual([path, expect.stringMatching(/The log cannot be read[\s\S]*no such table/)]);
    expect(page).toMatch(/worker:b/);
    expect(page).toMatch(/has halted: nothing good is left/);
    expect(page).toMatch(/3 of its events have not arrived in the log/);
  }
  expect(await pageAt("/revisions")).toMatch(/wish=cancel[\s\S]*wish=rollback[\s\S]*wish=stop[\s\S]*wish=hold/);
  expect((await local.page.request("/revisions/ask?wish=rollback")).status).toBe(200);
  expect((await local.page.request("/readyz")).status).toBe(503);
  const fields = { wish: "rollback", image: "sha256:a" };
  expect(await pageAt(await asked(fields))).toMatch(/asked; no supervisor runs/);
  expect(readRequests(local.requestsDir)).toMatchObject([
    { request: { type: "rollback.requested", payload: { revision: null, image_id: "sha256:a" } } },
  ]);
  expect((await request({ wish: "rollback", image: "$(id)" })).status).toBe(409);
});

test("the log that takes the place of a broken one is read as soon as it is there", async () => {
  logEvent(temporary.db, null, EventType.DeployStarted, { ...b, request_id: null, reason: "configured" });
  expect(await pageAt("/revisions")).toMatch(/worker:b/);
  temporary.db.exec("DROP TABLE events");
  expect(await pageAt("/revisions")).toMatch(/no such table/);
  for (const part of ["", "-wal", "-shm"]) rmSync(temporary.file + part);
  const next = openDatabase(temporary.file);
  initSchema(next);
  expect(await pageAt("/revisions")).toMatch(/Nothing was deployed yet/);
  next.close();
});

test("an answer is asked for by the name of a request alone", async () => {
  for (const name of ["outside", "answers/inside"])
    writeFileSync(`${local.requestsDir}/${name}.json`, JSON.stringify(refusal("it was read")));
  for (const asked of ["../outside", "inside", "", "%2e%2e/outside"]) {
    expect(await pageAt(`/revisions?asked=${asked}`)).not.toMatch(
      /it was read|has not answered yet|no supervisor runs/,
    );
  }
});

test("a page that was opened while the log was broken finds the next one", async () => {
  const broken = temporaryConsole();
  const file = `${broken.directory}/lastgood.db`;
  writeFileSync(file, "no database ".repeat(100));
  expect(await (await broken.page.request("/revisions")).text()).toMatch(/SQLITE_NOTADB/);
  writeFileSync(file, "");
  expect(await (await broken.page.request("/revisions")).text()).toMatch(/The database has schema 0/);
  await broken.remove();
});

test("where no supervisor ever ran nothing can be asked for, and nothing is made", async () => {
  const empty = temporaryConsole();
  const body = new URLSearchParams({ wish: "stop" });
  const refused = await empty.page.request("/requests", { method: "POST", body });
  expect([refused.status, await refused.json()]).toEqual([
    409,
    { error: expect.stringMatching(/requests\/in \(ENOENT\)\. Start the supervisor first/) },
  ]);
  expect(await (await empty.page.request("/revisions")).text()).toMatch(/Nothing has run here yet/);
  makeRequestsDirectory(empty.requestsDir);
  expect((await empty.page.request("/requests", { method: "POST", body })).status).toBe(303);
  expect(readRequests(empty.requestsDir)).toHaveLength(1);
  await empty.remove();
});
