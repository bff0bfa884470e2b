import { AWAY } from "../../services/supervisor/fake-runtime.ts";
import type { FakeSupervisor, FakeSystem } from "../../services/supervisor/fake-system.ts";
import type { Rest } from "../../services/supervisor/step.ts";
import { eventsAfter } from "../../shared/event-log.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { type Act, happen, happeningOf, pick } from "./acts.ts";
import type { createLogRules } from "./log-rules.ts";
import { checkCall, checkRest } from "./rest-rules.ts";

/** The end of a supervisor's process in the midst of its work. */
class Death extends Error {}

/** What cuts into a settling, at which of its calls, before or after the call took effect. */
export interface Cut {
  readonly kind: "death" | "engine away" | "something happens";
  readonly at: number;
  readonly when: "before" | "after";
  readonly act: Act;
}

export interface World {
  readonly system: FakeSystem;
  readonly log: ReturnType<typeof createLogRules>;
  supervisor: FakeSupervisor;
  /** The event that was read last. */
  read: number;
  settles: number;
  engineBackAt: number;
  hasTriedToGetReady?: boolean;
  /** The next supervisor process, when it is not the system's own. */
  begin?: () => FakeSupervisor;
  /** What else goes on at each call of a supervisor. */
  meanwhile?: () => void;
  /** While the shared file takes no rows, a rest may have no end. */
  readonly mayStandStill?: () => boolean;
}

/** Half of all settlings are undisturbed. */
export function cutOf(n: number): Cut | null {
  const kind = pick([null, null, null, null, "death", "death", "engine away", "something happens"] as const, n);
  return (
    kind && {
      kind,
      when: pick(["before", "after"], n >> 3),
      at: (n >> 4) % (kind === "death" ? 8 : 40),
      act: happeningOf(n >> 9),
    }
  );
}

/** Settles once: how it ended, null when the supervisor died of it, and how many calls that changed something. */
export async function settle(world: World, cut: Cut | null = null): Promise<{ rest: Rest | null; calls: number }> {
  const { system } = world;
  let calls = 0;
  let isCut = false;
  system.interrupt = (call, when, args) => {
    if (isCut && cut?.kind === "death") throw new Death(); // whatever it would still do
    if (when === "before" && !isCut) checkCall(system, call, args);
    world.meanwhile?.();
    if (!isCounted(cut, call)) return;
    const isDue = cut !== null && cut.when === when && cut.at === calls && !isCut;
    if (when === "after") calls += 1;
    if (!isDue) return;
    isCut = true;
    cutShort(system, cut);
  };
  try {
    const rest = await whileTimePasses(world);
    world.settles += 1;
    readLog(world);
    const isSettled = !isCut || (cut?.kind === "engine away" && rest.kind === "wait");
    if (isSettled) await checkRest(system, rest, world);
    return { rest, calls };
  } catch (error) {
    if (!(error instanceof Death || error instanceof SetupError)) throw error;
    readLog(world);
    succeed(world);
    return { rest: null, calls };
  } finally {
    system.interrupt = () => {};
  }
}

/** What changes nothing can be cut short without a difference. */
const EFFECTS: ReadonlySet<string> = new Set([
  ...["record", "start", "stop", "remove", "startCheck", "hold", "letGo"],
  ...["ask", "note"], // of the scribe, and of what is known of its file
]);

const OWN: ReadonlySet<string> = new Set(["record", "ask", "note"]);

/** A record is within a transaction: nothing else happens meanwhile, and the engine has no part in it. */
function isCounted(cut: Cut | null, call: string): boolean {
  return cut === null || cut.kind === "death" ? EFFECTS.has(call) : !OWN.has(call);
}

function cutShort(system: FakeSystem, { kind, act }: Cut): void {
  if (kind === "death") throw new Death();
  if (kind === "engine away") throw AWAY;
  happen(system, act);
}

/** Whoever waits for the engine to come back needs the time to pass. */
async function whileTimePasses({ system, supervisor, engineBackAt }: World): Promise<Rest> {
  let isOver = false;
  const settled = supervisor.settle().finally(() => {
    isOver = true;
  });
  const ended = settled.catch(() => {}); // the caller is told
  while (!isOver) {
    await Promise.race([ended, system.clock.asleep()]);
    if (isOver) break;
    system.clock.advance(1000);
    if (system.clock.now() >= engineBackAt) system.runtime.goAway(false);
  }
  return settled;
}

function readLog(world: World): void {
  for (const event of eventsAfter(world.system.db, world.read, 10_000)) {
    world.log.read(event);
    world.read = event.id;
  }
}

/** The next supervisor process, after this one ended however it did. */
export function succeed(world: World): void {
  world.supervisor = world.begin ? world.begin() : world.system.startSupervisor();
}
