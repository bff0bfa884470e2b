import { createFakeSystem, type FakeSystem, policy } from "../../services/supervisor/fake-system.ts";
import type { Database } from "../../shared/database.ts";
import { goodRevisions, isHalted, isPromotedSince, type Revision, wantedRevision } from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { type Act, createRandom, getReady, happen, pick, TAGS, WAYS_TO_FAIL } from "./acts.ts";
import { createLogRules, must } from "./log-rules.ts";
import { isUp } from "./rest-rules.ts";
import { type Cut, cutOf, settle, succeed, type World } from "./settle.ts";

/** Runs `work` on a system of its own whose traces in the database are taken back afterwards. */
export async function inWorld<T>(db: Database, work: (world: World) => Promise<T>): Promise<T> {
  const system = createFakeSystem({ db, remove: () => db.exec("ROLLBACK") });
  db.exec("BEGIN");
  try {
    return await work({
      system,
      log: createLogRules(),
      supervisor: system.startSupervisor(),
      read: 0,
      settles: 0,
      engineBackAt: 0,
    });
  } finally {
    system.remove();
  }
}

/** Everything happens in turn, then all trouble ends: throws when a rule is broken. Resolves with how often it settled. */
export function runSequence(db: Database, acts: readonly Act[]): Promise<number> {
  return inWorld(db, async (world) => {
    for (const act of acts) await perform(world, act);
    await comeToRest(world);
    return world.settles;
  });
}

export async function perform(world: World, act: Act): Promise<void> {
  const [name, n] = act;
  if (name === "settle") return void (await settle(world, cutOf(n)));
  if (name === "the worker proves itself") return prove(world, cutOf(n));
  if (name === "every image proves itself") return proveAll(world, n);
  if (name === "the worker fails again and again") return failAgain(world, n);
  if (name === "the supervisor dies") return succeed(world);
  if (name === "the engine goes away") return loseEngine(world, pick([1, 3, 70], n));
  if (name === "the supervisor is asked to leave") return leave(world, cutOf(n));
  happen(world.system, act);
}

const CUT: ReadonlySet<string> = new Set(["settle", "the worker proves itself", "the supervisor is asked to leave"]);

export function describe([name, n]: Act): string {
  const cut = CUT.has(name) ? cutOf(n) : null;
  if (!cut) return name === "settle" ? name : `${name} [${n}]`;
  const what = cut.kind === "something happens" ? `"${cut.act[0]}" [${cut.act[1]}]` : cut.kind;
  return `${name}, and ${what} ${cut.when} call ${cut.at}`;
}

async function prove(world: World, cut: Cut | null): Promise<void> {
  await settle(world);
  getReady(world.system);
  world.system.clock.advance(policy.probationMs);
  await settle(world, cut);
}

async function proveAll(world: World, n: number): Promise<void> {
  for (let tags = 0; tags < TAGS.length; tags += 1) {
    happen(world.system, ["an image is built and deployed", n + tags]);
    await prove(world, null);
  }
}

/** Each time as it likes: in another way or the same, ready or not. */
async function failAgain(world: World, n: number): Promise<void> {
  const random = createRandom(n);
  for (let times = 2 + (random() % 5); times > 0; times -= 1) {
    if (random() % 4 === 0) getReady(world.system);
    happen(world.system, [pick(WAYS_TO_FAIL, random()), random()]);
    await settle(world, cutOf(random()));
    world.system.clock.advance(pick([0, 5000, policy.readyTimeoutMs, policy.haltProbeMs], random()));
    await settle(world);
  }
}

/** Beyond its patience, the supervisor ends. */
async function loseEngine(world: World, seconds: number): Promise<void> {
  const { clock, runtime } = world.system;
  world.engineBackAt = clock.now() + seconds * 1000;
  runtime.goAway(true);
  await settle(world);
  runtime.goAway(false);
}

async function leave(world: World, cut: Cut | null): Promise<void> {
  world.system.stop.abort();
  await settle(world, cut);
  world.system.stop = new AbortController();
  succeed(world);
}

/** All trouble ends: first with what images there are, then with all of them back. */
export async function comeToRest(world: World): Promise<void> {
  const { system } = world;
  endTrouble(system);
  await settle(world);
  system.wish("start.requested");
  system.wish("unhold.requested");
  for (let rounds = 0; rounds < 10; rounds += 1) await liveOn(world);
  for (const { imageId, revision } of lostImages(system))
    system.runtime.addImage(revision.replace("worker:", ""), imageId);
  for (const tag of TAGS) system.runtime.addImage(tag);
  const wasProven = async () => !(await liveOn(world)) && isProven(system);
  let rounds = 0;
  while (!(await wasProven())) must(++rounds < 60, "when nothing is wrong, what is wanted runs and is promoted");
  must(world.log.unanswered().length === 0, "in the end every request has its answer");
  must(world.log.running().length === 1, "in the end one worker runs");
}

function endTrouble(system: FakeSystem): void {
  const { runtime } = system;
  system.heartStopped = false;
  system.freeBytes = 10 ** 9;
  if (runtime.container()?.state.kind === "paused") runtime.resume();
  runtime.checksExitWith(0);
  runtime.endCheck(0);
  runtime.failNextStart(null);
}

/** Settles, lets a worker get ready, and moves on to when the supervisor wants to look again; false when it does not. */
async function liveOn(world: World): Promise<boolean> {
  const { system } = world;
  const { rest } = await settle(world);
  const isUnready = isUp(system.runtime.container()) && newestWorker(system.db)?.readyAt === null;
  world.hasTriedToGetReady = isUnready && !world.hasTriedToGetReady; // if that was in vain, time passes
  if (world.hasTriedToGetReady) {
    getReady(system);
    return true;
  }
  if (rest?.kind !== "wait" || rest.until === null) return false;
  system.clock.advance(rest.until - system.clock.now());
  return true;
}

function isProven({ db, runtime }: FakeSystem): boolean {
  const wanted = wantedRevision(db);
  const container = runtime.container();
  if (!wanted || container?.state.kind !== "running" || container.imageId !== wanted.imageId) return false;
  return isPromotedSince(db, wanted) && !isHalted(db, wanted);
}

/** What the log says is wanted or good, whatever its tag means today. */
function lostImages({ db }: FakeSystem): Revision[] {
  const wanted = wantedRevision(db);
  return [...(wanted ? [wanted] : []), ...goodRevisions(db, 10)];
}
