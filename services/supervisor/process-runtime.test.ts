import { type FSWatcher, mkdirSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createFakeClock, type FakeClock } from "../../shared/fake-clock.ts";
import { a, b } from "./fake-observation.ts";
import { createProcessRuntime } from "./process-runtime.ts";
import type { WorkerRuntime } from "./worker-runtime.ts";

/** Real processes, on a clock that only the test moves on. */

const GRACE_MS = 10_000;
const ORDER = { ...a, instance: "1.1", supervisorId: 1, parentId: 1 };
const ID = "process-1.1";

let directory: string;
let clock: FakeClock;
let runtime: WorkerRuntime;
let marks: FSWatcher;
let isUp: Promise<void>;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-process-"));
  mkdirSync(join(directory, "marks"));
  isUp = new Promise((resolve) => {
    marks = watch(join(directory, "marks"), () => resolve());
  });
  clock = createFakeClock();
});
afterEach(async () => {
  marks.close();
  await runtime.remove(ID);
  rmSync(directory, { recursive: true });
});

/** A worker that is such a program, and says so when it has come as far as `up()`. */
function workerThat(program: string) {
  const file = join(directory, "worker.mjs");
  const up = `import { writeFileSync } from "node:fs"; const up = () => writeFileSync(process.env.MARK, "");`;
  writeFileSync(file, `${up}\n${program}`);
  const environment = { PATH: "/usr/bin:/bin", MARK: join(directory, "marks", "up"), OPERATORS: "own" };
  runtime = createProcessRuntime({ clock }, { program: file, revision: a, environment });
  return runtime;
}

const STAYS = "setInterval(() => {}, 1000);";
const state = async () => (await runtime.look()).worker?.state;
const changed = () => new Promise<void>((resolve) => runtime.watch(resolve, new AbortController().signal));

test("a worker that ignores being asked to end is killed when its grace is over", async () => {
  await workerThat(`process.on("SIGTERM", () => {}); up(); ${STAYS}`).start(ORDER);
  await isUp;
  const stopped = runtime.stop(ID, GRACE_MS);
  await clock.asleep();
  expect(await state()).toEqual({ kind: "running" });
  clock.advance(GRACE_MS);
  await stopped;
  expect(await state()).toMatchObject({ kind: "exited", exitCode: 137 });
});

test("a worker that ends when it is asked to has its own exit code, and its grace is not waited for", async () => {
  await workerThat(`process.on("SIGTERM", () => process.exit(0)); up(); ${STAYS}`).start(ORDER);
  await isUp;
  await runtime.stop(ID, GRACE_MS);
  expect(await state()).toMatchObject({ kind: "exited", exitCode: 0 });
});

test("stopping what has ended, or is another's, changes nothing", async () => {
  await workerThat(`up(); ${STAYS}`).start(ORDER);
  await isUp;
  await runtime.stop("process-1.0", GRACE_MS);
  expect(await state()).toEqual({ kind: "running" });
  await runtime.stop(ID, GRACE_MS);
  const end = await state();
  expect(end).toMatchObject({ kind: "exited", exitCode: 143 });
  await runtime.stop(ID, GRACE_MS);
  expect(await state()).toEqual(end);
});

test("an end by itself is noticed, with its code, its times and its last words", async () => {
  workerThat(`console.log("first"); console.error("last words"); process.exitCode = 3;`);
  const end = changed();
  const startedAt = clock.now();
  await runtime.start(ORDER);
  clock.advance(5000);
  await end;
  expect(await state()).toEqual({ kind: "exited", exitCode: 3, oom: false, startedAt, finishedAt: startedAt + 5000 });
  expect(await runtime.logTail(ID, 1, 0)).toHaveLength(1);
  expect((await runtime.logTail(ID, 40, 0)).toSorted()).toEqual(["first", "last words"]);
});

test("a worker knows who it is, and has the operator's variables", async () => {
  const check = "process.env.WORKER_INSTANCE === '1.1' && process.env.OPERATORS === 'own'";
  workerThat(`process.exitCode = ${check} ? 7 : 1;`);
  const end = changed();
  await runtime.start(ORDER);
  await end;
  expect(await state()).toMatchObject({ exitCode: 7 });
});

test("there is one worker, and one revision", async () => {
  await workerThat(`up(); ${STAYS}`).start(ORDER);
  const refusal = "without an engine only the sources as they are can be run";
  expect(await runtime.start({ ...ORDER, instance: "1.2" })).toBeNull();
  expect((await runtime.look()).worker?.instance).toBe("1.1");
  await runtime.remove("process-1.0");
  expect(await state()).toEqual({ kind: "running" });
  await runtime.remove(ID);
  expect((await runtime.look()).worker).toBeNull();
  expect(await runtime.start({ ...ORDER, ...b })).toBe(refusal);
  expect(await runtime.startCheck({ ...b, requestId: 1 })).toBe(refusal);
  expect([await runtime.resolve("worker:a"), await runtime.resolve("worker:b")]).toEqual([a, null]);
  expect(await runtime.present(["sha256:a", "sha256:b"])).toEqual(new Set(["sha256:a"]));
});
