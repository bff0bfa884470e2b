import { EventType } from "../../shared/event-types.ts";
import type { Chance } from "../crash-matrix/random.ts";
import { logTail } from "./log-tails.ts";
import { DAY, HOUR, MINUTE, type Planned, plan, SECOND } from "./planned.ts";
import {
  ASKED,
  live,
  type Named,
  restartAfter,
  supervisorStarts,
  type Timeline,
  type WorkerLife,
} from "./worker-lives.ts";

export interface Year {
  readonly from: number;
  readonly to: number;
  readonly daysPerDeploy: number;
}

const PROBATION = MINUTE;

interface World {
  readonly line: Timeline;
  readonly chance: Chance;
  /** The last good one, and how many there were. */
  good: Named;
  number: number;
}

/** What a supervisor has to tell of a year: a deploy now and then, some of them bad, and what happens in between. */
export function planRevisions(year: Year, chance: Chance): { events: Planned[]; lives: readonly WorkerLife[] } {
  const world = begin(year, chance);
  const { line } = world;
  while (line.at < year.to) {
    const deployAt = Math.min(line.at + year.daysPerDeploy * DAY * (0.6 + chance.below(80) / 100), year.to + DAY);
    while (line.at < deployAt) untilNextHappening(world, deployAt);
    if (line.at < year.to) deploy(world);
  }
  return { events: stillRunning(line.events, year.to), lives: line.lives };
}

/** What runs at the end has not ended yet. */
function stillRunning(events: readonly Planned[], to: number): Planned[] {
  return events.filter(({ at }) => at < to).sort((one, other) => one.at - other.at);
}

function begin({ from }: Year, chance: Chance): World {
  const events: Planned[] = [];
  const supervisor = supervisorStarts({ at: from, events }, "5eed00000001");
  const good = named(1);
  events.push(
    plan(from + 200, EventType.DeployStarted, supervisor, { ...good, request_id: null, reason: "configured" }),
  );
  const line = { at: from + 300, supervisor, workers: 0, events, lives: [] };
  promote(line, good, "1.worker");
  return { line, chance, good, number: 1 };
}

const named = (number: number): Named => ({
  revision: `lastgood-worker:v${number}`,
  image_id: `sha256:${String(number).padStart(12, "0").repeat(6).slice(0, 64)}`,
});

function promote({ at, events }: Timeline, revision: Named, instance: string): void {
  const evidence = { ready_seconds: PROBATION / SECOND, instance };
  events.push(plan(at + PROBATION + SECOND, EventType.RevisionPromoted, null, { ...revision, evidence }));
}

/** The good revision works until something happens, or the next deploy is due. */
function untilNextHappening(world: World, deployAt: number): void {
  const { line, chance, good } = world;
  const until = Math.min(line.at + HOUR * (10 + chance.below(200)), deployAt);
  if (until === deployAt) return void live(line, good, until, ASKED);
  const roll = chance.below(100);
  if (roll < 45) {
    live(line, good, until, { class: "crash", exitCode: 1, logTail: logTail(chance, until) });
    restartAfter(line, 0, 1);
  } else if (roll < 50) {
    live(line, good, until, { class: "out of memory", exitCode: 137 });
    restartAfter(line, 0, 1);
  } else if (roll < 55) {
    live(line, good, until, { class: "hang", exitCode: 137 });
    restartAfter(line, 0, 1);
  } else if (roll < 70) hostRestarts(world, until);
  else if (roll < 80) maintenance(world, until);
  else if (roll < 95) outage(world, until);
  else crashLoop(world, until);
}

function hostRestarts({ line, good, number }: World, at: number): void {
  live(line, good, at, { class: "host went away", exitCode: 255 });
  line.at += 40 * SECOND;
  line.supervisor = supervisorStarts(line, `5eed${String(number).padStart(8, "0")}`);
  line.at += 300;
}

const BY_OPERATOR = { by: "node@server", from: "cli" } as const;

function maintenance({ line, good, chance }: World, at: number): void {
  line.events.push(plan(at - 2 * SECOND, EventType.HoldRequested, null, BY_OPERATOR));
  line.events.push(plan(at - SECOND, EventType.StopRequested, null, BY_OPERATOR));
  live(line, good, at, ASKED);
  line.at += MINUTE * (1 + chance.below(20));
  line.events.push(plan(line.at, EventType.StartRequested, null, { ...BY_OPERATOR, from: "console" }));
  line.events.push(plan(line.at + 50, EventType.UnholdRequested, null, BY_OPERATOR));
  line.at += 100;
}

/** Telegram, or the engine, is away for a while; the worker lives through the one, and unseen through the other. */
function outage({ line, good, chance }: World, at: number): void {
  const ms = MINUTE * (1 + chance.below(30));
  live(line, good, at + ms + HOUR, ASKED);
  const worker = line.lives.at(-1)?.process ?? line.supervisor;
  if (chance.below(3) > 0) {
    line.events.push(
      plan(at, EventType.UpstreamUnavailable, worker, { upstream: "telegram", reason: "502 Bad Gateway" }),
    );
    line.events.push(plan(at + ms, EventType.UpstreamAvailable, worker, { upstream: "telegram", outage_ms: ms }));
  } else {
    line.events.push(plan(at, EventType.DockerUnavailable, line.supervisor, { reason: "connect ECONNREFUSED" }));
    line.events.push(plan(at + ms, EventType.DockerAvailable, line.supervisor, { outage_ms: ms }));
  }
}

/** A good revision turns bad: three deaths, each soon after it was ready, and back to the one before. */
function crashLoop(world: World, at: number): void {
  const { line, chance, good } = world;
  const exits = [live(line, good, at, { class: "crash", exitCode: 1, logTail: logTail(chance, at) })];
  for (const delay of [0, SECOND]) {
    restartAfter(line, delay, exits.length);
    const until = line.at + SECOND * (4 + chance.below(20));
    exits.push(live(line, good, until, { class: "crash", exitCode: 1, logTail: logTail(chance, until) }));
  }
  const found = () => ({ threshold: 3, window_seconds: 60, revision: good.revision, exits: exits.map(({ id }) => id) });
  line.events.push(plan(line.at + 5, EventType.CrashLoopDetected, line.supervisor, found));
  goBack(world, { bad: good, to: named(Math.max(world.number - 1, 1)), reason: "crash loop" });
}

function deploy(world: World): void {
  const { line, chance } = world;
  const next = named(world.number + 1);
  const asked = plan(line.at + 10, EventType.DeployRequested, null, { ...BY_OPERATOR, revision: next.revision });
  line.events.push(asked);
  line.at += 3 * SECOND;
  const roll = chance.below(100);
  if (roll < 10) {
    const reason = "its check failed: MODEL_PRICES_FILE cannot be read";
    const rejected = () => ({ request_id: asked.id, revision: next.revision, reason });
    line.events.push(plan(line.at, EventType.DeployRejected, line.supervisor, rejected));
    line.at += 10;
    return;
  }
  world.number += 1;
  const started = () => ({ ...next, request_id: asked.id, reason: "requested" as const });
  line.events.push(plan(line.at, EventType.DeployStarted, line.supervisor, started));
  line.at += 100;
  if (roll < 75) {
    promote(line, next, `${line.workers + 1}.worker`);
    world.good = next;
    live(line, next, line.at + HOUR * (1 + chance.below(20)), ASKED);
    return;
  }
  const until = line.at + (roll < 88 ? 400 : 20 * SECOND);
  live(line, next, until, { class: "crash", exitCode: 1, logTail: logTail(chance, until) });
  const reason = roll < 88 ? "crash before it was ready" : "crash in probation";
  const failed = () => ({ ...next, request_id: asked.id, reason });
  line.events.push(plan(line.at + 6, EventType.DeployFailed, line.supervisor, failed));
  goBack(world, { bad: next, to: world.good, reason });
}

function goBack(world: World, { bad, to, reason }: { bad: Named; to: Named; reason: string }): void {
  const { line } = world;
  const rollback = { target_revision: to.revision, from_revision: bad.revision, reason, request_id: null };
  line.events.push(
    plan(line.at + 8, EventType.RevisionQuarantined, line.supervisor, { ...bad, reason }),
    plan(line.at + 10, EventType.RollbackStarted, line.supervisor, { ...rollback, image_id: to.image_id }),
    plan(line.at + 2 * SECOND, EventType.RollbackAttempted, line.supervisor, {
      ...rollback,
      success: true,
      error: null,
    }),
  );
  line.at += 20;
  promote(line, to, `${line.workers + 1}.worker`);
  world.good = to;
  live(line, to, line.at + 2 * HOUR, ASKED);
}
