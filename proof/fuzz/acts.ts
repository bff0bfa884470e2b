import type { FakeSystem } from "../../services/supervisor/fake-system.ts";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { processOf } from "../../shared/worker-process.ts";
import { instanceOf, newestWorker } from "../../shared/worker-state.ts";

/** One thing that happens, and a number that says the rest of it: which image, which exit code, at which call. */
export type Act = readonly [name: string, n: number];

type Choices<T> = readonly [T, ...T[]];
export const pick = <T>(choices: Choices<T>, n: number): T => choices[n % choices.length] ?? choices[0];

export const TAGS: Choices<string> = ["a", "b", "c", "d", "e"];
/** A tag that is built again moves to its other image. */
const image = (n: number) => [pick(TAGS, n), `sha256:${pick(TAGS, n)}${pick(["", "", "2"], n >> 5)}`] as const;
const reference = (n: number) => `worker:${pick(TAGS, n)}`;

const EXIT_CODES: Choices<number> = [0, 1, 1, 75, 78, 137, 143];
/** Those that end a standstill come more often, or there would be little else. */
const WISHES: Choices<Parameters<FakeSystem["wish"]>[0]> = [
  "stop.requested",
  "start.requested",
  "start.requested",
  "hold.requested",
  "unhold.requested",
  "unhold.requested",
];
const START_FAULTS: Choices<Parameters<FakeSystem["runtime"]["failNextStart"]>[0]> = [
  { refusal: "no space left" },
  { error: "exec: no such file" },
  { error: null },
];
/** Short of, at and beyond every deadline there is, up to an hour. */
const SPANS: Choices<number> = [1, 900, 2000, 10_000, 30_000, 60_000, 61_000, 301_000, 660_000, 900_000, 3_600_000];

const stateOf = ({ runtime }: FakeSystem) => runtime.container()?.state.kind ?? null;
const ifRuns = (act: (system: FakeSystem, n: number) => void) => (system: FakeSystem, n: number) =>
  stateOf(system) === "running" && act(system, n);

type Happening = readonly [name: string, weight: number, happen: (system: FakeSystem, n: number) => unknown];

/** What happens around a supervisor, and how often; a thing that cannot happen now does nothing. */
const HAPPENINGS: readonly Happening[] = [
  ["time passes", 14, ({ clock }, n) => clock.advance(pick(SPANS, n))],
  ["the worker gets ready", 16, ifRuns(getReady)],
  ["the worker exits", 8, ifRuns(({ runtime }, n) => runtime.end(pick(EXIT_CODES, n)))],
  ["the worker uses up its memory", 1, ifRuns(({ runtime }) => runtime.end(137, { oom: true }))],
  ["somebody kills the worker", 1, ifRuns(({ runtime }) => runtime.end(137, { signalled: true }))],
  ["somebody removes the worker", 2, ({ runtime }) => runtime.vanish()],
  ["somebody pauses the worker", 1, ifRuns(({ runtime }) => runtime.pause())],
  ["somebody resumes or restarts it", 2, resume],
  ["the settings change", 1, ({ runtime }) => runtime.outdate()],
  ["the next start fails", 2, ({ runtime }, n) => runtime.failNextStart(pick(START_FAULTS, n))],
  ["the heart stops", 1, (system) => setHeart(system, true)],
  ["the heart beats", 3, (system) => setHeart(system, false)],
  ["the upstream goes", 1, ifRuns((system) => tellOfUpstream(system, false))],
  ["the upstream comes", 1, ifRuns((system) => tellOfUpstream(system, true))],
  ["a deploy is asked for", 4, (system, n) => system.deploy(pick(TAGS, n))],
  ["an image is built and deployed", 12, buildAndDeploy],
  ["a rollback is asked for", 2, (system, n) => system.rollBack(n % 3 ? null : reference(n >> 2))],
  ["an operator wishes", 3, (system, n) => system.wish(pick(WISHES, n))],
  ["an image is built", 3, ({ runtime }, n) => runtime.addImage(...image(n))],
  ["an image is removed", 1, ({ runtime }, n) => runtime.removeImage(pick(TAGS, n))],
  ["a holder is removed", 1, ({ runtime }, n) => runtime.letGo(image(n)[1])],
  ["the registry changes", 2, ({ runtime }, n) => runtime.registryHas(reference(n), n & 8 ? "it" : { problem: "no" })],
  ["the next checks change", 2, ({ runtime }, n) => runtime.checksExitWith(pick([0, 0, 78, null], n))],
  ["the check ends", 2, ({ runtime }, n) => runtime.endCheck(pick([0, 1], n))],
  ["the disk fills or empties", 1, (system, n) => fillDisk(system, n % 3 === 0)],
];

/** Or not at all: then it is late. */
export const WAYS_TO_FAIL: Choices<string> = [
  "the worker exits",
  "the worker exits",
  "the worker uses up its memory",
  "the next start fails",
  "the heart stops",
  "the heart beats",
  "somebody removes the worker",
];

export function happen(system: FakeSystem, [name, n]: Act): void {
  const found = HAPPENINGS.find(([known]) => known === name);
  if (!found) throw new Error(`nothing is called "${name}"`);
  found[2](system, n);
}

/** The others need the supervisor at rest, so they cannot happen in the midst of its work. */
const WEIGHTS: ReadonlyArray<readonly [name: string, weight: number]> = [
  ["settle", 50],
  ["the worker proves itself", 16],
  ["every image proves itself", 2],
  ["the worker fails again and again", 5],
  ["the supervisor dies", 2],
  ["the supervisor is asked to leave", 1],
  ["the engine goes away", 1],
  ...HAPPENINGS.map(([name, weight]) => [name, weight] as const),
];

/** The acts that a seed stands for, always the same. */
export function actsOf(seed: number): Act[] {
  const next = createRandom(seed);
  return Array.from({ length: 10 + (next() % 35) }, () => [chosen(WEIGHTS, next()), next()] as const);
}

/** Something that can happen in the midst of the supervisor's work. */
export function happeningOf(n: number): Act {
  return [
    chosen(
      HAPPENINGS.map(([name, weight]) => [name, weight]),
      n,
    ),
    n >> 4,
  ];
}

function chosen(weights: ReadonlyArray<readonly [name: string, weight: number]>, n: number): string {
  let at = n % weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of weights) {
    if (at < weight) return name;
    at -= weight;
  }
  throw new Error("the weights do not add up");
}

/** Mulberry32, in whole numbers of 31 bits. */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 1;
  };
}

/** What a worker writes when it has come up, also before the supervisor has written that it spawned it. */
export function getReady({ db, runtime, writeAsWorker }: FakeSystem): void {
  const container = runtime.container();
  if (!container) return;
  writeAsWorker((file, idThere) => {
    const instance = instanceOf(file, container.instance);
    const worker = newestWorker(db);
    if (worker?.instance === instance && worker.readyAt !== null) return;
    const started = { role: "worker", pid: 2, version: "v", instance } as const;
    const processId = logEvent(file, idThere(container.supervisorId), EventType.ProcessStarted, started);
    logEvent(file, processId, EventType.WorkerReady, { poll_ms: 1 });
  });
}

function tellOfUpstream({ runtime, writeAsWorker }: FakeSystem, isBack: boolean): void {
  writeAsWorker((file) => {
    const processId = processOf(file, instanceOf(file, runtime.container()?.instance ?? ""));
    if (processId === null) return;
    if (isBack) logEvent(file, processId, EventType.UpstreamAvailable, { upstream: "telegram", outage_ms: 1 });
    else logEvent(file, processId, EventType.UpstreamUnavailable, { upstream: "telegram", reason: "ECONNREFUSED" });
  });
}

function buildAndDeploy({ runtime, deploy }: FakeSystem, n: number): void {
  runtime.addImage(...image(n));
  runtime.checksExitWith(0);
  deploy(pick(TAGS, n));
}

function resume(system: FakeSystem): void {
  const state = stateOf(system);
  if (state === "paused" || state === "exited") system.runtime.resume();
}

function setHeart(system: FakeSystem, isStopped: boolean): void {
  system.heartStopped = isStopped;
}

function fillDisk(system: FakeSystem, isFull: boolean): void {
  system.freeBytes = isFull ? 1000 : 10 ** 9;
}
