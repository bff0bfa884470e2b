import { policy } from "../../services/supervisor/fake-system.ts";
import type { LoggedEvent } from "../../shared/event-log.ts";
import type { EventPayloads, EventType } from "../../shared/event-types.ts";

/** A rule that did not hold. */
export class Broken extends Error {}

export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(rule);
}

interface Worker {
  readonly instance: string;
  readonly imageId: string;
  /** The engine refused to make it. */
  readonly isMissing: boolean;
  stopping: boolean;
  exited: boolean;
}

type Rules = { readonly [T in EventType]?: (payload: EventPayloads[T], event: LoggedEvent) => void };

const MOST_ROLLBACKS = 3;
const UNCOUNTED: ReadonlySet<string> = new Set([
  "asked",
  "stopped from outside",
  "removed",
  "host went away",
  "upstream",
]);

/** Reads the log as it grows, event by event: throws a Broken for one that may not stand where it stands. */
export function createLogRules() {
  const workers = new Map<string, Worker>();
  const firstOf = new Map<string, string>();
  const processes = new Map<number, string>();
  const readySince = new Map<string, number>();
  const requests = new Map<number, "deploy" | "rollback">();
  const answered = new Set<number>();
  const exits = new Map<number, EventPayloads["worker.exited"]>();
  const good = new Set<string>();
  let newest: Worker | null = null;
  let wanted: string | null = null;
  /** The image of the deploy, and of the rollback, whose outcome is not recorded yet. */
  let openDeploy: string | null = null;
  let openRollback: string | null = null;
  let rollbacksInIncident = 0;
  let condemned = false;
  let halted = false;
  let scheduled = true;

  const workerOf = (instance: string): Worker => {
    const worker = workers.get(instance);
    must(worker !== undefined, "what is said of a worker follows its worker.spawned");
    return worker;
  };
  const answer = (requestId: number | null, kind: "deploy" | "rollback") => {
    if (requestId === null) return;
    must(requests.get(requestId) === kind, `an answer is about a ${kind} that was asked for`);
    must(!answered.has(requestId), "a request has one answer");
    answered.add(requestId);
  };
  const accept = (imageId: string) => {
    must(openDeploy === null, "a deploy is decided before anything else is accepted");
    must(openRollback === null, "a rollback's outcome is recorded before anything else is accepted");
    wanted = imageId;
    condemned = false;
    halted = false;
  };
  const rules: Rules = {
    "process.started": ({ instance }, { id }) => {
      if (instance === undefined) return;
      processes.set(id, instance);
      readySince.delete(instance); // it was started again in place
    },
    "worker.ready": (_, { parentId, timestamp }) => {
      readySince.set(processes.get(parentId ?? 0) ?? "", timestamp);
    },
    "worker.spawned": ({ instance, image_id: imageId, container_id: containerId }) => {
      must(!workers.has(instance), "an instance is spawned once");
      const [first = ""] = instance.split("/");
      must(containerId === "" || (firstOf.get(containerId) ?? first) === first, "a container keeps its first instance");
      must(newest === null || newest.exited, "a worker is spawned after the one before it has exited");
      newest = { instance, imageId, isMissing: containerId === "", stopping: false, exited: false };
      workers.set(instance, newest);
      firstOf.set(containerId, first);
    },
    "worker.stopping": ({ instance }) => {
      must(!workerOf(instance).stopping, "it is said once that a worker is being stopped");
      workerOf(instance).stopping = true;
    },
    "worker.exited": (payload, { id }) => {
      const worker = workerOf(payload.instance);
      must(!worker.exited, "a worker exits once");
      must(payload.image_id === worker.imageId, "a worker exits as the image that it was spawned as");
      must(payload.class !== "asked" || worker.stopping, "only who was asked to stop has exited because it was asked");
      must(!worker.isMissing || payload.class === "start failed", "what never became a container failed to start");
      worker.exited = true;
      exits.set(id, payload);
      scheduled = false;
    },
    "restart.scheduled": () => {
      must(!scheduled, "a restart is announced once for an exit");
      scheduled = true;
    },
    "revision.promoted": ({ image_id: imageId, evidence }, { timestamp }) => {
      const worker = workerOf(evidence.instance);
      const readyAt = readySince.get(worker.instance);
      must(readyAt !== undefined, "only a ready worker is promoted");
      must(timestamp - readyAt >= policy.probationMs, "nothing is promoted before its probation is over");
      must(evidence.ready_seconds * 1000 >= policy.probationMs, "the evidence of a promotion is a whole probation");
      must(!worker.exited && worker === newest, "a worker that exited is not promoted");
      must(worker.imageId === imageId && imageId === wanted, "what is promoted is what ran, and what was wanted");
      good.add(imageId);
      rollbacksInIncident = 0;
      openDeploy = null;
      condemned = false;
      halted = false;
    },
    "crash_loop.detected": ({ exits: named, threshold }) => {
      const counted = named.filter((id) => {
        const exit = exits.get(id);
        return exit?.image_id === wanted && !UNCOUNTED.has(exit.class);
      });
      must(counted.length >= threshold, "a crash loop names the exits that were counted");
    },
    "revision.quarantined": ({ image_id: imageId }) => {
      must(imageId === wanted, "only what was wanted is given up");
      must(!condemned, "a revision is given up once");
      must(newest?.exited === true, "nothing is given up while it runs");
      condemned = true;
      good.delete(imageId);
    },
    "supervisor.halted": () => {
      must(condemned, "the supervisor halts over a revision that was given up");
      must(!halted, "the supervisor halts once");
      halted = true;
    },
    "rollback.started": ({ image_id: imageId, request_id: requestId }) => {
      answer(requestId, "rollback");
      if (requestId !== null) rollbacksInIncident = 0; // what somebody chose begins anew
      if (requestId !== null) rollbacksInIncident = 0;
      if (requestId === null) {
        rollbacksInIncident += 1;
        must(condemned, "an automatic rollback leaves a revision that was given up");
        must(rollbacksInIncident <= MOST_ROLLBACKS, "an incident has three automatic rollbacks at most");
        must(good.has(imageId), "an automatic rollback goes to what was promoted and not quarantined since");
        must(imageId !== wanted, "an automatic rollback goes to another image");
      }
      accept(imageId);
      openRollback = imageId;
    },
    "rollback.attempted": ({ success }) => {
      must(openRollback !== null, "a rollback has one outcome");
      const isUp = newest?.exited === false && newest.imageId === openRollback && readySince.has(newest.instance);
      must(!success || isUp, "a rollback has succeeded when its target is ready");
      openRollback = null;
    },
    "deploy.started": ({ image_id: imageId, request_id: requestId }) => {
      rollbacksInIncident = 0; // somebody chose what to run
      answer(requestId, "deploy");
      accept(imageId);
      rollbacksInIncident = 0;
      openDeploy = imageId;
    },
    "deploy.failed": ({ image_id: imageId }) => {
      must(openDeploy === imageId, "a deploy fails once, and not after it was promoted");
      openDeploy = null;
    },
    "deploy.rejected": ({ request_id: requestId }) => answer(requestId, "deploy"),
    "rollback.rejected": ({ request_id: requestId }) => answer(requestId, "rollback"),
    "deploy.requested": (_, { id }) => void requests.set(id, "deploy"),
    "rollback.requested": (_, { id }) => void requests.set(id, "rollback"),
  };
  return {
    read(event: LoggedEvent): void {
      const rule = rules[event.eventType as EventType] as ((payload: unknown, event: LoggedEvent) => void) | undefined;
      rule?.(event.payload, event);
    },
    /** Workers whose end is not in the log. */
    running: () => [...workers.values()].filter(({ exited }) => !exited).map(({ instance }) => instance),
    unanswered: () => [...requests.keys()].filter((id) => !answered.has(id)),
  };
}
