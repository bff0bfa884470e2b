import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { afterEach, expect, test } from "@jest/globals";
import { extract, type Headers } from "tar-stream";
import { openReadOnly } from "../../../shared/database.ts";
import { requireSchema } from "../../../shared/schema.ts";
import { checkState } from "./check-container.ts";
import { type Answer, temporaryRuntime } from "./temporary-runtime.ts";

/** The gate before a deploy, as the engine is asked for it. */

let remove = async () => {};
afterEach(async () => {
  await remove();
  remove = async () => {};
});

const order = { revision: "worker:a", imageId: "sha256:a", requestId: 40 };
const CREATED: Answer = { status: 201, body: { Id: "c" } };
const DONE: Answer = { status: 200, body: { Id: "sha256:a", Config: { Cmd: ["node", "main.ts"] } } };

async function runtimeWith(answers: Readonly<Record<string, Answer>> = {}) {
  const temporary = await temporaryRuntime(({ line }) => {
    const known = Object.entries(answers).find(([beginning]) => line.startsWith(beginning));
    return known?.[1] ?? (line.startsWith("POST /containers/create") ? CREATED : DONE);
  });
  remove = temporary.remove;
  return temporary;
}

test("a check finds a database with the schema before it starts, and is never given the state", async () => {
  const { runtime, asked } = await runtimeWith();
  expect(await runtime.startCheck(order)).toBeNull();
  expect(asked.map(({ line }) => line.replace(/\?$/, ""))).toEqual([
    "GET /images/sha256:a/json",
    "POST /containers/create?name=lastgood-worker-check",
    "PUT /containers/c/archive?path=/state",
    "POST /containers/c/start",
  ]);
  expect(asked[1]?.body.toString()).not.toContain('"Source"');
});

test("a check that cannot be given its database is refused with the engine's words, and leaves no container", async () => {
  const refusal = { status: 403, body: { message: "container rootfs is marked read-only" } };
  const { runtime, asked } = await runtimeWith({ "PUT ": refusal });
  expect(await runtime.startCheck(order)).toBe("container rootfs is marked read-only");
  expect(asked.at(-1)?.line).toBe("DELETE /containers/c?force=true&v=true");
});

test("a check that is asked for again and again is refused: somebody else ends it each time", async () => {
  const { runtime } = await runtimeWith();
  for (let times = 0; times < 3; times += 1) expect(await runtime.startCheck(order)).toBeNull();
  expect(await runtime.startCheck(order)).toMatch(/stopped or removed 3 times by somebody else/);
  expect(await runtime.startCheck({ ...order, requestId: 41 })).toBeNull();
});

test("what is put there is the worker's to read, a schema without a row", async () => {
  const files: { headers: Headers; content: Buffer }[] = [];
  const archive = extract().on("entry", async (headers, stream, next) => {
    files.push({ headers, content: await buffer(stream) });
    next();
  });
  archive.end(await checkState());
  await finished(archive);
  expect(files.map(({ headers: { name, uid, gid, mode } }) => ({ name, uid, gid, mode }))).toEqual([
    { name: "lastgood.db", uid: 1000, gid: 1000, mode: 0o664 },
  ]);
  const directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  writeFileSync(join(directory, "lastgood.db"), files[0]?.content ?? "");
  const db = openReadOnly(join(directory, "lastgood.db"));
  requireSchema(db);
  expect(db.prepare("SELECT count(*) FROM events").pluck().get()).toBe(0);
  db.close();
  rmSync(directory, { recursive: true });
});

test.each([
  ["a kill", 137, '{"timeNano":1767225600000000000}\n', true],
  ["an exit of its own", 1, "", false],
  ["a success, whatever came afterwards,", 0, '{"timeNano":1767225600000000000}\n', false],
])("%s of a check is told apart", async (_, ExitCode, events, signalled) => {
  const labels = { "lastgood.role": "check", "lastgood.check": "40" };
  const listed = [{ Id: "c", Names: ["/lastgood-worker-check"], Labels: labels, ImageID: "sha256:a", Created: 1 }];
  const times = { StartedAt: "2026-01-01T00:00:00Z", FinishedAt: "2026-01-01T00:00:01Z" };
  const State = { Status: "exited", ExitCode, OOMKilled: false, ...times };
  const inspected = { Id: "c", Image: "sha256:a", Created: times.StartedAt, State, Config: { Labels: labels } };
  const { runtime } = await runtimeWith({
    "GET /containers/json": { status: 200, body: listed },
    "GET /containers/lastgood-worker-1/json": { status: 404, body: { message: "none" } },
    "GET /containers/c/json": { status: 200, body: inspected },
    "GET /events": { status: 200, body: events },
  });
  expect((await runtime.look()).check).toMatchObject({ requestId: 40, signalled, state: { exitCode: ExitCode } });
});
