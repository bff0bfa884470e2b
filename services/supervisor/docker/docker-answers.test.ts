import { expect, test } from "@jest/globals";
import { linesOf, pullProblem, toWorker } from "./docker-answers.ts";
import { reasonOf } from "./engine-refusals.ts";
import { LABEL } from "./labels.ts";

const limits = { memoryMb: 512, pids: 256, stopGraceSeconds: 30 };
const inspected = {
  Id: "c",
  Image: "sha256:a",
  Created: "2020-01-01T00:00:00Z",
  State: { Status: "running", OOMKilled: false, Pid: 7, ExitCode: 0, Error: "", StartedAt: "", FinishedAt: "" },
  Config: { Labels: { [LABEL.settings]: "digest", [LABEL.instance]: "1.1" } },
  HostConfig: { Memory: 512 * 1024 * 1024, PidsLimit: 256, RestartPolicy: { Name: "no" } },
};
const isUpToDate = (hostConfig: object) =>
  toWorker({ ...inspected, HostConfig: { ...inspected.HostConfig, ...hostConfig } }, { digest: "digest", limits })
    .upToDate;

test.each([[{ Memory: 1 }], [{ PidsLimit: 9 }], [{ RestartPolicy: { Name: "always" } }]])(
  "a worker with %j by docker update is to be replaced",
  (hostConfig) => expect(isUpToDate(hostConfig)).toBe(false),
);

test("a limit that this kernel does not have is no difference, or the worker would be replaced for ever", () => {
  expect(isUpToDate({})).toBe(true);
  expect(isUpToDate({ Memory: 0, PidsLimit: null })).toBe(true);
});

const stateOf = (state: object) =>
  toWorker({ ...inspected, State: { ...inspected.State, ...state } }, { digest: "digest", limits }).state;

test.each(["exited", "dead", "removing"])("a container that is %s has ended", (Status) => {
  const times = { StartedAt: "2030-01-01T00:00:00Z", FinishedAt: "2030-01-01T00:00:04Z" };
  expect(stateOf({ Status, ...times })).toMatchObject({ kind: "exited", exitCode: 0, startedAt: Date.UTC(2030, 0, 1) });
});

test("one that is removed before it was started has not ended: it never ran", () => {
  expect(stateOf({ Status: "removing", StartedAt: "0001-01-01T00:00:00Z" })).toEqual({ kind: "created", error: null });
});

test("no part of a secret is left where a long line is cut", () => {
  const text = Buffer.from(`${"x".repeat(480)} sk-${"k".repeat(60)} ${"y".repeat(60)}\nthe end\n`);
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(text.length, 4);
  const [cut, ...others] = linesOf(Buffer.concat([header, text]));
  expect(cut).toContain("[redacted]");
  expect(cut).not.toContain("kkk");
  expect(others).toEqual(["the end"]);
});

test("what the engine refuses is told in its own words alone", () => {
  expect(reasonOf(new Error("(HTTP code 500) server error - no space left on device "))).toBe(
    "no space left on device",
  );
  expect(reasonOf(new Error("(HTTP code 404) no such container - No such image: a-b "))).toBe("No such image: a-b");
});

test.each([
  ["toomanyrequests: You have reached your pull rate limit", /rate limit is reached/],
  ["received unexpected HTTP status: 429 Too Many Requests", /rate limit is reached/],
  ["unauthorized: authentication required", /refuses: log in/],
  ["Head http://r/v2/: no basic auth credentials", /refuses: log in/],
  ["manifest for r/worker:1 not found: manifest unknown", /does not know it/],
  ["write /layer.tar: no space left on device", /disk is full/],
])("a pull that ends with %j says what to do", (message, text) => {
  expect(pullProblem(message).text).toMatch(text);
});
