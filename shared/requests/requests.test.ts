import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { SetupError } from "../setup-error.ts";
import { putRequest } from "./put-request.ts";
import { type OperatorRequest, parseRequest } from "./request-file.ts";
import { inboxOf } from "./requests-directory.ts";
import { readRequests, removeRequest } from "./take-requests.ts";
import { temporaryRequests } from "./temporary-requests.ts";

let temporary: ReturnType<typeof temporaryRequests>;
beforeEach(() => {
  temporary = temporaryRequests();
});
afterEach(() => temporary.remove());

const by = { by: "op@server", from: "cli" } as const;
const deploy = (revision: string): OperatorRequest => ({ type: "deploy.requested", payload: { ...by, revision } });
const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const inbox = () => readdirSync(inboxOf(temporary.directory));
const place = (name = `${ID}.json`) => join(inboxOf(temporary.directory), name);
const put = (request: OperatorRequest) => putRequest(temporary.directory, request);

test("requests are found in the order in which they were made, again and again until each is removed", () => {
  const ids = ["worker:a", "worker:b", "worker:c"].map((revision) => put(deploy(revision)));
  const found = ["worker:a", "worker:b", "worker:c"].map((revision, at) => ({
    id: ids[at],
    request: deploy(revision),
  }));
  expect(readRequests(temporary.directory)).toEqual(found);
  removeRequest(temporary.directory, ids[0] ?? "");
  removeRequest(temporary.directory, ids[0] ?? "");
  expect(readRequests(temporary.directory)).toEqual(found.slice(1));
});

test("a request is readable for every user whatever the umask, and nothing but it is left", () => {
  const umask = process.umask(0o077);
  const id = put(deploy("worker:a"));
  process.umask(umask);
  expect(inbox()).toEqual([`${id}.json`]);
  expect(statSync(place(`${id}.json`)).mode & 0o777).toBe(0o644);
});

test("a request that cannot be put there says why, and what to do, and leaves nothing", () => {
  expect(() => putRequest("/nowhere/at/all", deploy("worker:a"))).toThrow(SetupError);
  expect(() => putRequest("/nowhere/at/all", deploy("worker:a"))).toThrow(
    /\/nowhere\/at\/all.*Start the supervisor first/,
  );
  rmSync(inboxOf(temporary.directory), { recursive: true });
  writeFileSync(inboxOf(temporary.directory), "");
  expect(() => put(deploy("worker:a"))).toThrow(/is no directory/);
});

test("no more than a hundred are found at a look, the oldest", () => {
  const ids = Array.from({ length: 103 }, () => put(deploy("worker:a")));
  expect(readRequests(temporary.directory).map(({ id }) => id)).toEqual(ids.slice(0, 100));
});

test("what has another name than a request's is left alone", () => {
  for (const name of [`.${ID}.tmp`, `${ID}.lock.json`, "a.json", `${ID}.json.json`, ID])
    writeFileSync(place(name), "{}");
  expect(readRequests(temporary.directory)).toEqual([]);
  expect(inbox()).toHaveLength(5);
});

test.each<[string, RegExp, () => unknown]>([
  ["a directory", /no regular file/, () => mkdirSync(join(place(), "with", "something"), { recursive: true })],
  ["a pipe", /no regular file/, () => execFileSync("mkfifo", [place()])],
  ["a link to a request", /a link/, () => symlinkSync(requestOutside(), place())],
  ["a link to nowhere", /a link/, () => symlinkSync("/nowhere", place())],
  ["a device", /no regular file|cannot be read/, () => execFileSync("mknod", [place(), "c", "1", "5"])],
  [
    "a huge file",
    /more than 4096 bytes/,
    () => writeFileSync(place(), JSON.stringify(deploy("worker:a")).padEnd(4097)),
  ],
  ["an empty file", /no JSON/, () => writeFileSync(place(), "")],
  ["bytes", /no JSON/, () => writeFileSync(place(), Buffer.from([0, 255, 254, 0]))],
  ["a list", /no request/, () => writeFileSync(place(), "[]")],
])("%s in a request's place is told once and removed", (_, problem, make) => {
  make();
  expect(readRequests(temporary.directory)).toEqual([{ id: ID, problem: expect.stringMatching(problem) }]);
  expect(inbox()).toEqual([]);
  expect(readRequests(temporary.directory)).toEqual([]);
});

test("a socket in a request's place is told and removed", async () => {
  const server = createServer().listen(place());
  await once(server, "listening");
  expect(readRequests(temporary.directory)).toEqual([{ id: ID, problem: expect.stringMatching(/cannot be read/) }]);
  expect(existsSync(place())).toBe(false);
  await once(server.close(), "close");
});

test("where there is no directory of requests, nothing was asked", () => {
  expect(readRequests("/nowhere/at/all")).toEqual([]);
});

test.each([
  ["a deploy of no image reference", { ...deploy("--privileged") }],
  ["a deploy of nothing", { type: "deploy.requested", payload: by }],
  ["a stop of an image", { type: "stop.requested", payload: { ...by, revision: "worker:a" } }],
  ["what is no wish", { type: "revision.promoted", payload: by }],
  ["a chat's", { type: "stop.requested", payload: { ...by, from: "chat" } }],
  ["nobody's", { type: "stop.requested", payload: { ...by, by: "" } }],
  ["a long name's", { type: "stop.requested", payload: { ...by, by: "x".repeat(201) } }],
  ["a name's that a terminal obeys", { type: "stop.requested", payload: { ...by, by: "op\u001b[2J" } }],
  ["a name's that is read backwards", { type: "stop.requested", payload: { ...by, by: "op\u202e" } }],
  ["one with more in it", { ...deploy("worker:a"), at: 1 }],
  [
    "a rollback to what is no image's id",
    { type: "rollback.requested", payload: { ...by, revision: null, image_id: "$(id)" } },
  ],
])("%s is no request", (_, value) => {
  expect(parseRequest(JSON.stringify(value))).toEqual({ problem: expect.stringMatching(/no request/) });
});

test("a name that changes what objects are is no part of a request", () => {
  for (const text of [
    '{"type":"stop.requested","payload":{"by":"op","from":"cli","__proto__":{"revision":"a"}}}',
    '{"__proto__":{},"type":"stop.requested","payload":{"by":"op","from":"cli"}}',
  ])
    expect(parseRequest(text)).toEqual({ problem: expect.stringMatching(/no request/) });
});

test.each<OperatorRequest>([
  deploy("registry.example:5000/team/worker:v2"),
  { type: "rollback.requested", payload: { ...by, revision: null } },
  { type: "rollback.requested", payload: { ...by, revision: "worker:a", image_id: `sha256:${"0".repeat(64)}` } },
  {
    type: "rollback.requested",
    payload: { by: "operator", from: "console", revision: "host", image_id: "sources:abc" },
  },
  ...(["stop", "start", "hold", "unhold", "cancel"] as const).map(
    (word) => ({ type: `${word}.requested`, payload: by }) as OperatorRequest,
  ),
])("what an operator may ask comes back as it was put there: %j", (request) => {
  put(request);
  expect(readRequests(temporary.directory)).toMatchObject([{ request }]);
});

function requestOutside(): string {
  const file = join(temporary.directory, "outside.json");
  writeFileSync(file, JSON.stringify(deploy("worker:a")));
  expect(readFileSync(file, "utf8")).toContain("worker:a");
  return file;
}
