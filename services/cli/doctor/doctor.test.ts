import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openDatabase } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { journalTables } from "../../../shared/migrations/own-tables.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";

const PROGRAM = resolve(import.meta.dirname, "../main.ts");
const A = { revision: "worker:a", image_id: "sha256:a" };
const TOKEN = "123456:the-token-of-this-bot";

let temporary: TemporaryDatabase;
let server: Server;
let answers: Record<string, { readonly status: number; readonly body: object }>;
beforeEach(async () => {
  temporary = temporaryDatabase();
  answers = {};
  server = createServer((request, response) => {
    const { status, body } = answers[request.url ?? ""] ?? { status: 404, body: {} };
    response.writeHead(status).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  await once(server.close(), "close");
  temporary.remove();
});

const requestsDir = () => join(temporary.directory, "requests");
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
async function examine(settings: Readonly<Record<string, string>> = {}) {
  const directories = { STATE_DIR: temporary.directory, REQUESTS_DIR: requestsDir() };
  const env = { PATH: process.env.PATH, DOCKER_SOCKET: "/nowhere", ...directories, ...settings };
  const { code, printed } = await new Promise<{ code: number; printed: string }>((ended) => {
    execFile(process.execPath, [PROGRAM, "doctor", "--json"], { env }, (error, stdout) =>
      ended({ code: Number(error?.code ?? 0), printed: stdout }),
    );
  });
  const findings = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { code, printed, of: (about: string) => findings.find((finding) => finding.about === about) };
}
const withUpstreams = () => ({
  TELEGRAM_BOT_TOKEN: TOKEN,
  TELEGRAM_API_ROOT: address(),
  OPENAI_API_KEY: "the-key-of-this-agent",
  OPENAI_BASE_URL: `${address()}/v1`,
  OPENAI_MODEL: "m",
});

test("a whole database on a local disk is good, and a supervisor that does not run is bad, with what to do", async () => {
  const { code, of } = await examine();
  expect(of("volume")).toMatchObject({ verdict: "good" });
  expect(of("database")).toMatchObject({ verdict: "good" });
  expect(of("supervisor")).toMatchObject({ verdict: "bad", remedy: expect.stringMatching(/docker compose up/) });
  expect(of("engine")).toMatchObject({ verdict: "warning", remedy: expect.stringMatching(/exec supervisor/) });
  expect(code).toBe(1);
});

test("a damaged database and an absent directory are told, and the other looks go on", async () => {
  temporary.db.close();
  writeFileSync(temporary.file, "no database, but long enough to be taken for one by whoever reads only its length");
  const damaged = await examine();
  expect(damaged.of("database")).toMatchObject({ verdict: "bad", remedy: expect.stringMatching(/restore a backup/) });
  expect(damaged.of("token")).toMatchObject({ verdict: "good" });
  const absent = await examine({ STATE_DIR: join(temporary.directory, "absent") });
  expect(absent.of("volume")).toMatchObject({ verdict: "bad", remedy: expect.stringMatching(/create it/) });
});

test("credentials are tried, and those that work are named", async () => {
  answers[`/bot${TOKEN}/getMe`] = { status: 200, body: { ok: true, result: { username: "the_bot" } } };
  answers["/v1/models"] = { status: 200, body: { data: [{ id: "m" }] } };
  const { of } = await examine(withUpstreams());
  expect(of("token")).toMatchObject({ verdict: "good", detail: expect.stringMatching(/@the_bot/) });
  expect(of("model")).toMatchObject({ verdict: "good", detail: expect.stringMatching(/has m/) });
});

test("credentials that are refused, and upstreams that cannot be reached, are told without the secrets", async () => {
  answers[`/bot${TOKEN}/getMe`] = { status: 401, body: {} };
  answers["/v1/models"] = { status: 401, body: {} };
  const refused = await examine(withUpstreams());
  expect(refused.of("token")).toMatchObject({ verdict: "bad", remedy: expect.stringMatching(/TELEGRAM_BOT_TOKEN/) });
  expect(refused.of("model")).toMatchObject({ verdict: "bad", remedy: expect.stringMatching(/OPENAI_API_KEY/) });
  for (const path of [`/bot${TOKEN}/getMe`, "/v1/models"]) answers[path] = { status: 502, body: {} };
  const ill = await examine(withUpstreams());
  expect([ill.of("token"), ill.of("model")]).toMatchObject([{ verdict: "warning" }, { verdict: "warning" }]);
  const away = await examine({ ...withUpstreams(), TELEGRAM_API_ROOT: "http://127.0.0.1:1" });
  expect(away.of("token")).toMatchObject({ verdict: "bad" });
  expect(refused.printed + away.printed).not.toMatch(/the-token-of-this-bot|the-key-of-this-agent/);
});

test("what an operator wished, and a halt, are told as the reason that nothing runs", async () => {
  const supervisor = logEvent(temporary.db, null, EventType.ProcessStarted, {
    role: "supervisor",
    pid: 1,
    version: "v",
  });
  logEvent(temporary.db, supervisor, EventType.DeployStarted, { ...A, request_id: null, reason: "configured" });
  logEvent(temporary.db, supervisor, EventType.SupervisorHalted, { reason: "nothing good is left" });
  expect((await examine()).of("worker")).toMatchObject({ verdict: "bad", detail: "halted: nothing good is left" });
  logEvent(temporary.db, null, EventType.StopRequested, { by: "op", from: "cli" });
  expect((await examine()).of("worker")).toMatchObject({
    verdict: "warning",
    remedy: expect.stringMatching(/lastgood start/),
  });
});

test("a worker that refuses its settings is quoted, with what to do", async () => {
  logEvent(temporary.db, null, EventType.WorkerSpawned, { ...A, pid: 1, instance: "1.2", container_id: "c" });
  const log_tail = ["MAX_TURNS is not valid: it must be a whole number of at least 1."];
  logEvent(temporary.db, null, EventType.WorkerExited, fakeExit({ instance: "1.2", class: "configuration", log_tail }));
  expect((await examine()).of("worker")).toEqual({
    about: "worker",
    verdict: "bad",
    detail:
      "none runs; 1.2 of worker:a ended: configuration: MAX_TURNS is not valid: it must be a whole number of at least 1.",
    remedy: "Mend the setting in .env, then: docker compose up -d.",
  });
});

test("what somebody made in the database's schema is named", async () => {
  temporary.db.exec("CREATE TRIGGER silent BEFORE INSERT ON inbox BEGIN SELECT RAISE(IGNORE); END");
  temporary.db.exec("DROP INDEX inbox_open");
  const found = (await examine()).of("schema");
  expect(found).toMatchObject({ verdict: "bad", remedy: expect.stringMatching(/lastgood stop/) });
  expect(found.detail).toBe("foreign, or missing: trigger silent, index inbox_open as it was made");
});

test("a journal is looked at where it lies, and is told when it is absent or damaged", async () => {
  expect((await examine({ OWN_DIR: "/nowhere" })).of("journal")).toBeUndefined();
  const OWN_DIR = join(temporary.directory, "own");
  mkdirSync(OWN_DIR);
  expect((await examine({ OWN_DIR })).of("journal")).toMatchObject({ verdict: "warning" });
  const file = join(OWN_DIR, "journal.db");
  copyFileSync(temporary.file, file); // before its first checkpoint: an empty database
  expect((await examine({ OWN_DIR })).of("journal")).toMatchObject({ verdict: "bad" });
  rmSync(file);
  const journal = openDatabase(file);
  journal.exec(journalTables);
  logEvent(journal, null, EventType.SupervisorHalted, { reason: "none" });
  journal.close();
  expect((await examine({ OWN_DIR })).of("journal")).toMatchObject({
    verdict: "good",
    detail: expect.stringMatching(/event 1$/),
  });
  writeFileSync(file, "what is left of it, which is longer than the header of a database: more than 100 bytes of text");
  expect((await examine({ OWN_DIR })).of("journal")).toMatchObject({
    verdict: "bad",
    remedy: expect.stringMatching(/restore --journal/),
  });
});

test("images that are held from a journal that is gone are named, where nothing was promoted", async () => {
  const socket = join(temporary.directory, "engine.sock");
  const engine = createServer(({ url = "" }, response) => {
    const body = url.startsWith("/images/json")
      ? [{ RepoTags: ["mine-held:0123456789ab", "other:1"] }]
      : { Version: "26", ApiVersion: "1.45", Config: { Labels: { "com.docker.compose.project": "mine" } } };
    response.end(JSON.stringify(body));
  });
  await once(engine.listen(socket), "listening");
  const found = (await examine({ DOCKER_SOCKET: socket })).of("last good image");
  await once(engine.close(), "close");
  expect(found).toMatchObject({ verdict: "warning", remedy: expect.stringMatching(/lastgood deploy mine-held:0123/) });
  expect(found.detail).toMatch(/a journal that is gone: mine-held:0123456789ab$/);
});
