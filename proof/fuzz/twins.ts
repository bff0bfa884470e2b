import type { Database } from "../../shared/database.ts";
import { eventsAfter, type LoggedEvent } from "../../shared/event-log.ts";
import { goodRevisions, isHalted, openRollback, pendingRequest, wantedRevision } from "../../shared/state.ts";
import { newestExit } from "../../shared/worker-state.ts";
import type { Act } from "./acts.ts";
import { Broken } from "./log-rules.ts";
import { inWorld, perform } from "./sequence.ts";
import { settle, type World } from "./settle.ts";

/**
 * After the same acts one supervisor settles in peace, its twin dies in the midst of it and a successor settles: both
 * must end with the same worker and the same facts, each as often. Resolves with whether they could be compared.
 */
export async function compareTwins(db: Database, acts: readonly Act[], n: number): Promise<boolean> {
  const cause = acts.slice(0, acts.findLastIndex(([name]) => name !== "settle") + 1); // something to do is left
  const peaceful = await inWorld(db, (world) => settleAfter(world, cause, null));
  const at = n % Math.max(peaceful.calls, 1);
  const when = n & 1024 ? "before" : "after";
  const bereaved = await inWorld(db, (world) =>
    settleAfter(world, cause, { kind: "death", at, when, act: ["the supervisor dies", 0] }),
  );
  if (mayDiffer(peaceful, bereaved)) return false;
  if (peaceful.state === bereaved.state) return true;
  const difference = `it died ${when} call ${at} of ${peaceful.calls}:\n${peaceful.state}\n${bereaved.state}`;
  throw new Broken("a successor ends with the same worker and the same facts", { cause: difference });
}

type Outcome = Awaited<ReturnType<typeof settleAfter>>;

async function settleAfter(world: World, acts: readonly Act[], cut: Parameters<typeof settle>[1]) {
  const { db, runtime } = world.system;
  for (const act of acts) await perform(world, act);
  const before = eventsAfter(db, 0, 10_000).length;
  const { rest, calls } = await settle(world, cut);
  if (rest === null) await settle(world);
  const facts = eventsAfter(db, 0, 10_000).slice(before);
  const wanted = wantedRevision(db);
  const container = runtime.container();
  const state = JSON.stringify({
    facts: facts.map(({ eventType }) => eventType).filter((type) => type !== "process.started"),
    wanted: wanted?.imageId,
    running: [container?.imageId, container?.state.kind],
    good: goodRevisions(db, 10),
    rollback: openRollback(db)?.target,
    pending: pendingRequest(db)?.kind,
  });
  const isHaltedNow = wanted !== null && isHalted(db, wanted);
  return { calls, facts, state, isProbed: isHaltedNow || newestExit(db)?.class === "configuration" };
}

/**
 * What a supervisor knows beyond the log dies with it, as it should: a halted revision, and one that found its
 * configuration wrong, are probed at once, the configured image is looked at anew, a heartbeat is measured anew, what
 * ended before anybody watched counts against nobody, and a start that the engine refused left no trace.
 */
function mayDiffer(...outcomes: readonly Outcome[]): boolean {
  return outcomes.some(({ facts, isProbed }) => isProbed || facts.some(isOfOneSupervisor));
}

function isOfOneSupervisor({ payload }: LoggedEvent): boolean {
  const isConfigured = payload?.reason === "configured";
  const isUnwatched = payload?.class === "host went away" || payload?.class === "start failed";
  return isConfigured || isUnwatched || payload?.cause === "hang";
}
