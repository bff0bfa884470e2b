import { createTwoFiles } from "../../services/supervisor/fake-two-files.ts";
import { type Act, createRandom } from "./acts.ts";
import { createHostile, type Hostile } from "./hostile-acts.ts";
import { createLogRules, must } from "./log-rules.ts";
import { checkMirror } from "./mirror-rules.ts";
import { comeToRest, perform } from "./sequence.ts";
import { settle, type World } from "./settle.ts";

const AT_ONCE = "the worker does harm";
const MEANWHILE = "the worker does harm meanwhile";

/** The same acts, and between them and in the midst of the next settling the worker does what it likes to the shared file. */
export function withHarm(acts: readonly Act[], seed: number): Act[] {
  const random = createRandom(seed + 7);
  return acts.flatMap((act): Act[] => {
    const kind = random() % 3;
    return kind === 0 ? [act] : [[kind === 1 ? AT_ONCE : MEANWHILE, random()], act];
  });
}

/** Throws when a rule is broken. Resolves with how often it settled. */
export async function runHostileSequence(acts: readonly Act[]): Promise<number> {
  const two = createTwoFiles();
  const { system } = two;
  const hostile = createHostile(two);
  const begin = () => two.startSupervisor();
  const world: World = {
    system,
    log: createLogRules(),
    supervisor: begin(),
    begin,
    read: 0,
    settles: 0,
    engineBackAt: 0,
    mayStandStill: () => two.shared()?.seen().trouble != null,
  };
  try {
    for (const act of acts) await performOrHarm(world, hostile, act);
    hostile.end();
    two.faults.splice(0);
    world.meanwhile = () => {};
    await comeToRest(world);
    await catchUp(world, () => two.shared()?.seen().behind === 0 && two.shared()?.seen().trouble === null);
    checkMirror(two, hostile.copies, { isStrict: !hostile.hasTampered() });
    return world.settles;
  } finally {
    hostile.end();
    system.remove();
  }
}

async function performOrHarm(world: World, hostile: Hostile, act: Act): Promise<void> {
  const [name, n] = act;
  if (name === AT_ONCE) hostile.act(n);
  else if (name === MEANWHILE) world.meanwhile = harmAt(hostile, n);
  else await perform(world, act);
}

/** At most three times within the next calls. */
function harmAt(hostile: Hostile, n: number): () => void {
  const random = createRandom(n);
  const due = new Set(Array.from({ length: 1 + (random() % 3) }, () => random() % 60));
  let calls = 0;
  return () => {
    if (due.has(calls)) hostile.act(random());
    calls += 1;
  };
}

const LOOK_AGAIN_MS = 30_000;

async function catchUp(world: World, isDone: () => boolean): Promise<void> {
  for (let rounds = 0; !isDone(); rounds += 1) {
    must(rounds < 60, "when nothing is wrong, the shared file has all");
    world.system.clock.advance(LOOK_AGAIN_MS);
    await settle(world);
    await comeToRest(world);
  }
}
