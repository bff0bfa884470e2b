import type { FakeSystem } from "../../services/supervisor/fake-system.ts";
import type { Rest } from "../../services/supervisor/step.ts";
import {
  currentGoodRevision,
  isOnHold,
  isStopped,
  openRollback,
  pendingRequest,
  wantedRevision,
} from "../../shared/state.ts";
import { newestWorker } from "../../shared/worker-state.ts";
import { Broken, must } from "./log-rules.ts";
import type { World } from "./settle.ts";

/** What must hold of each call to the engine, when the log says what it said at the last look. */
export function checkCall({ db, runtime, stop }: FakeSystem, call: string, args: readonly unknown[]): void {
  const wanted = wantedRevision(db);
  if (call === "start") {
    const { imageId } = args[0] as { imageId: string };
    must(!isStopped(db) && !isOnHold(db) && !stop.signal.aborted, "nothing is started that is not to run");
    must(imageId === wanted?.imageId, "what is started is what is wanted");
  }
  if (call === "startAgain") {
    must(!isStopped(db) && !isOnHold(db) && !stop.signal.aborted, "nothing is started again that is not to run");
    must(runtime.container()?.imageId === wanted?.imageId, "what is started again is what is wanted");
  }
  if (call === "letGo") {
    must(args[0] !== currentGoodRevision(db)?.imageId, "the last good image is not let go");
    must(args[0] !== wanted?.imageId, "the wanted image is not let go");
  }
  if (call === "remove" && runtime.container()?.id === args[0]) {
    must(!isUp(runtime.container()), "a worker that runs is not removed");
  }
}

/** What must hold when the supervisor says that there is nothing to do, and nothing happened since its last look. */
export async function checkRest(system: FakeSystem, rest: Rest, { log, mayStandStill }: World) {
  const { db, runtime, clock } = system;
  const container = runtime.container();
  const isRunning = isUp(container);
  must(
    log
      .running()
      .every((instance) => isRunning && isOf(container, instance) && instance === newestWorker(db)?.instance),
    "at rest every worker that does not run has its worker.exited",
  );
  must(!isRunning || log.running().length === 1, "at rest the worker that runs has its worker.spawned");
  if (rest.kind === "leave") return must(!isRunning, "who leaves leaves nothing running");

  must(rest.until === null || rest.until > clock.now(), "a rest lasts");
  must(container === null || isRunning, "at rest no dead container is left");
  must(!isStopped(db) || !isRunning, "when stopped by wish nothing runs");
  const { check, held } = await runtime.look();
  const request = pendingRequest(db);
  const isChecking = check?.state.kind === "running" && check.requestId === request?.eventId;
  must(request === null || isChecking, "at rest a request is answered, or its check runs");
  must(check === null || isChecking, "at rest no check is left");
  await checkImages(system, held);
  if (isStopped(db) || isOnHold(db)) return;
  const wanted = wantedRevision(db);
  if (!container) {
    const isDue = rest.until !== null || mayStandStill?.() === true;
    return must(wanted === null || isDue, "what is wanted and does not run has its time");
  }
  must(container.imageId === wanted?.imageId, "what runs at rest is what is wanted");
  if (container.state.kind === "paused") return;
  must(container.upToDate, "what runs at rest has today's settings");
  must(newestWorker(db)?.stopping === null, "at rest no worker runs that was being stopped");
  const isReady = newestWorker(db)?.readyAt !== null;
  must(isReady || rest.until !== null, "a worker that is not ready has a deadline");
  must(!isReady || openRollback(db) === null, "a rollback whose target is ready has its outcome");
}

async function checkImages({ db, runtime }: FakeSystem, held: ReadonlySet<string>): Promise<void> {
  for (const image of [currentGoodRevision(db), wantedRevision(db)]) {
    if (!image || held.has(image.imageId)) continue;
    const isPresent = (await runtime.present([image.imageId])).has(image.imageId);
    if (isPresent) throw new Broken("at rest the last good image and the wanted one are held");
  }
}

/** What it runs after it was started again in place is named after an exit. */
function isOf(container: ReturnType<FakeSystem["runtime"]["container"]>, instance: string): boolean {
  return instance.split("/", 1)[0] === container?.instance;
}

export function isUp(container: ReturnType<FakeSystem["runtime"]["container"]>): boolean {
  return container?.state.kind === "running" || container?.state.kind === "paused";
}
