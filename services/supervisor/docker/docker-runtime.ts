import type { StartRefusal, WorkerRuntime } from "../worker-runtime.ts";
import { linesOf, toCheck, toWorker } from "./docker-answers.ts";
import { isUnavailable } from "./docker-connection.ts";
import type { Engine } from "./docker-engine.ts";
import { type PullSettings, pullImage } from "./docker-pull.ts";
import { type EnginePorts, followEvents, timesOf } from "./engine-events.ts";
import {
  reasonOf,
  refusedByEngine,
  statusOf,
  unlessBeingRemoved,
  unlessMalformed,
  unlessMissing,
  unlessUnchanged,
} from "./engine-refusals.ts";
import { createImagePulls } from "./image-pulls.ts";
import {
  checkContainer,
  checkName,
  heldTag,
  holderContainer,
  holderName,
  LABEL,
  projectOf,
  type Surroundings,
  settingsDigest,
  type WorkerSettings,
  workerContainer,
  workerName,
} from "./worker-container.ts";

export interface RuntimeSettings {
  readonly worker: WorkerSettings;
  readonly pulls: PullSettings;
}

/** What is ours is found by its labels: its name may be anybody's. */
export function createDockerRuntime(
  ports: EnginePorts,
  surroundings: Surroundings,
  settings: RuntimeSettings,
): WorkerRuntime {
  const { docker, log } = ports;
  const name = workerName(surroundings);
  const described = { digest: settingsDigest(settings.worker, surroundings), limits: settings.worker.limits };
  const pulls = createImagePulls((reference) => pullImage(ports, settings.pulls, reference));
  const unholdable = new Set<string>(); // tried once by each supervisor
  const tellRenamed = createRenameTeller(ports, name);
  return {
    isUnavailable,
    async look() {
      const inspect = (id: string) => unlessMissing(docker.getContainer(id).inspect());
      const [ours, named] = await Promise.all([listOurs(docker, surroundings), inspect(name)]);
      const workers = ours.filter(({ Labels }) => LABEL.instance in Labels);
      const [first, ...others] = workers.toSorted((one, other) => rank(other, name) - rank(one, name));
      if (first) tellRenamed(first);
      const found = first && (first.Id === named?.Id ? named : await inspect(first.Id));
      const listedCheck = ours.find(({ Labels }) => LABEL.check in Labels);
      const check = listedCheck && (await inspect(listedCheck.Id));
      return {
        worker: found ? toWorker(found, described) : null,
        strays: others.map(({ Id }) => Id),
        nameTaken: !first && named ? name : null,
        check: check ? toCheck(check) : null,
        held: new Set([...unholdable, ...ours.flatMap(({ Labels }) => Labels[LABEL.holds] ?? [])]),
      };
    },
    async resolve(reference) {
      const image = await unlessMissing(docker.getImage(reference).inspect()).catch(unlessMalformed);
      return image ? { revision: reference, imageId: image.Id } : null;
    },
    async present(imageIds) {
      const found = await Promise.all(imageIds.map((id) => unlessMissing(docker.getImage(id).inspect())));
      return new Set(found.flatMap((image) => (image ? [image.Id] : [])));
    },
    start: (order) => run(docker, workerContainer(order, surroundings, settings.worker)).then(nullIfTaken),
    async startAgain(containerId) {
      const reason = await startOrRemove(docker.getContainer(containerId));
      if (reason)
        log.warn({ container_id: containerId, reason }, "not started again in its container: it gets a new one");
    },
    wasSignalled: async (containerId, since) => (await timesOf("kill", containerId, ports)).some((at) => at >= since),
    outOfMemoryAt: async (containerId) => (await timesOf("oom", containerId, ports)).at(-1) ?? null,
    pull: pulls.begin,
    pullOf: pulls.of,
    async startCheck(order) {
      const image = await unlessMissing(docker.getImage(order.imageId).inspect());
      const command = toList(image?.Config.Cmd);
      const refusal = await run(docker, checkContainer({ ...order, command }, surroundings, settings.worker));
      return refusal === NAME_TAKEN ? nameTaken(checkName(surroundings)) : refusal;
    },
    async hold(revision) {
      await unlessMissing(docker.getImage(revision.imageId).tag(heldTag(surroundings, revision.imageId)));
      const refusal = await create(docker, holderContainer(revision, surroundings));
      if (typeof refusal === "object") return;
      const reason = refusal === NAME_TAKEN ? nameTaken(holderName(surroundings, revision.imageId)) : refusal;
      log.warn({ ...revision, reason }, "the image cannot be held against being pruned");
      unholdable.add(revision.imageId);
    },
    async letGo(imageId) {
      const { repo, tag } = heldTag(surroundings, imageId);
      const holders = await listOurs(docker, surroundings);
      for (const { Id, Labels } of holders) if (Labels[LABEL.holds] === imageId) await this.remove(Id);
      await unlessMissing(docker.getImage(`${repo}:${tag}`).remove({ noprune: true }));
      unholdable.delete(imageId);
    },
    async stop(containerId, graceMs) {
      const container = docker.getContainer(containerId);
      await container.unpause().catch(refusedByEngine); // what is frozen cannot finish
      await unlessMissing(container.stop({ t: Math.ceil(graceMs / 1000) }).catch(unlessUnchanged));
    },
    async remove(containerId) {
      await unlessMissing(docker.getContainer(containerId).remove({ force: true, v: true })).catch(unlessBeingRemoved);
    },
    async logTail(containerId, lines, since) {
      const options = { stdout: true, stderr: true, tail: lines, since: since / 1000, follow: false as const };
      const output = await unlessMissing(docker.getContainer(containerId).logs(options)).catch(unlessBeingRemoved);
      return output ? linesOf(output) : [];
    },
    watch(onChange, signal) {
      pulls.onEnd(onChange);
      void followEvents(ports, { project: projectOf(surroundings), onChange }, signal);
    },
  };
}

function nameTaken(name: string): string {
  return `the name ${name} is taken by a container that is not ours: remove or rename it`;
}

function listOurs(docker: Engine, surroundings: Surroundings) {
  const filters = { label: [`com.docker.compose.project=${projectOf(surroundings)}`] };
  return docker.listContainers({ all: true, filters });
}

type Listed = Awaited<ReturnType<typeof listOurs>>[number];

/** Of several that say they are the worker, the one with its name is it, else the newest. */
function rank({ Names, Created }: Listed, name: string): number {
  return Names.includes(`/${name}`) ? Number.POSITIVE_INFINITY : Created;
}

function createRenameTeller({ log }: EnginePorts, name: string) {
  let told = "";
  return ({ Id, Names }: Listed) => {
    if (Names.includes(`/${name}`) || told === Id) return;
    log.warn({ container_id: Id, names: Names }, "the worker was renamed: it is the worker all the same");
    told = Id;
  };
}

/** There is no container, as somebody else's has its name. */
const NAME_TAKEN = Symbol("the name is taken");

/** Creates and starts; null when there is a container now, whatever its state, else why there is none. */
async function run(docker: Engine, options: object): Promise<StartRefusal | typeof NAME_TAKEN> {
  const created = await create(docker, options);
  return typeof created === "object" ? startOrRemove(created) : created;
}

async function startOrRemove(container: ReturnType<Engine["getContainer"]>): Promise<StartRefusal> {
  try {
    await container.start().catch(unlessUnchanged);
    return null;
  } catch (error) {
    refusedByEngine(error);
    // Cut short here, the container stays, with why in its State.Error; it is never started again (moby#51758).
    await unlessMissing(container.remove({ force: true }));
    return reasonOf(error);
  }
}

async function create(docker: Engine, options: object) {
  try {
    return await docker.createContainer(options as Parameters<Engine["createContainer"]>[0]);
  } catch (error) {
    if (statusOf(error) === 409) return NAME_TAKEN;
    refusedByEngine(error);
    return reasonOf(error);
  }
}

function nullIfTaken(refusal: StartRefusal | typeof NAME_TAKEN): StartRefusal {
  return refusal === NAME_TAKEN ? null : refusal;
}

/** An image's command: the engine gives a list, or a line for its shell, or none. */
function toList(command: string | readonly string[] | null | undefined): readonly string[] {
  return typeof command === "string" ? ["/bin/sh", "-c", command] : (command ?? []);
}
