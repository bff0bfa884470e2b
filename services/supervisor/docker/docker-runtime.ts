import { isImageReference } from "../../../shared/image-reference.ts";
import { MOST_CHECKS, type StartRefusal, type WorkerRuntime } from "../worker-runtime.ts";
import { checkContainer, checkState } from "./check-container.ts";
import { type Container, create, NAME_TAKEN, run, startOrRemove } from "./create-container.ts";
import { linesOf, toCheck, toWorker } from "./docker-answers.ts";
import { isUnavailable } from "./docker-connection.ts";
import { type PullSettings, pullImage } from "./docker-pull.ts";
import { type EnginePorts, followEvents, timesOf } from "./engine-events.ts";
import {
  reasonOf,
  refusedByEngine,
  unlessBeingRemoved,
  unlessMissing,
  unlessNoImage,
  unlessUnchanged,
} from "./engine-refusals.ts";
import { createImagePulls } from "./image-pulls.ts";
import { checkName, heldTag, holderName, LABEL, projectOf, workerName } from "./labels.ts";
import { createOwnContainers, type OwnContainer } from "./own-containers.ts";
import {
  holderContainer,
  type Surroundings,
  settingsDigest,
  type WorkerSettings,
  workerContainer,
} from "./worker-container.ts";

export interface RuntimeSettings {
  readonly worker: WorkerSettings;
  readonly pulls: PullSettings;
}

/** What is ours is found by its role: a name alone, or a label, may be anybody's. */
export function createDockerRuntime(
  ports: EnginePorts,
  surroundings: Surroundings,
  settings: RuntimeSettings,
): WorkerRuntime {
  const { docker, log } = ports;
  const name = workerName(surroundings);
  const described = { digest: settingsDigest(settings.worker, surroundings), limits: settings.worker.limits };
  const pulls = createImagePulls((reference, signal) => pullImage(ports, settings.pulls, { reference, signal }));
  const listOwn = createOwnContainers(docker, surroundings);
  const lookUpImage = async (image: string) =>
    isImageReference(image) ? unlessNoImage(docker.getImage(image).inspect()) : null;
  const bringState = async (check: Container) =>
    check.putArchive(await checkState(), { path: settings.worker.stateDir });
  const inspect = (id: string) => unlessMissing(docker.getContainer(id).inspect());
  const wasSignalled = async (id: string, since: number) =>
    (await timesOf("kill", id, ports)).some((at) => at >= since);
  const unholdable = new Set<string>(); // tried once by each supervisor
  const tellRenamed = createRenameTeller(ports, name);
  const countCheck = createCheckCounter();
  return {
    isUnavailable,
    async look() {
      const [own, named] = await Promise.all([listOwn(), inspect(name)]);
      const workers = own.filter(({ role }) => role === "worker");
      const [first, ...others] = workers.toSorted((one, other) => rank(other, name) - rank(one, name));
      if (first) tellRenamed(first);
      const found = first && (first.id === named?.Id ? named : await inspect(first.id));
      const listedCheck = own.find(({ role }) => role === "check");
      const check = listedCheck && (await inspect(listedCheck.id));
      const failed = check && check.State.ExitCode !== 0;
      return {
        worker: found ? toWorker(found, described) : null,
        strays: others.map(({ id }) => id),
        nameTaken: !first && named ? name : null,
        check: check ? toCheck(check, Boolean(failed) && (await wasSignalled(check.Id, 0))) : null,
        held: new Set([...unholdable, ...own.flatMap(imageHeldBy)]),
      };
    },
    async resolve(reference) {
      const image = await lookUpImage(reference).catch((error) => {
        refusedByEngine(error);
        log.warn({ revision: reference, reason: reasonOf(error) }, "the engine cannot say what this image is");
        return null;
      });
      return image ? { revision: reference, imageId: image.Id } : null;
    },
    async present(imageIds) {
      const found = await Promise.all(imageIds.map(lookUpImage));
      return new Set(found.flatMap((image) => (image ? [image.Id] : [])));
    },
    start: (order) => run(docker, workerContainer(order, surroundings, settings.worker)).then(nullIfTaken),
    async startAgain(containerId) {
      const reason = await startOrRemove(docker.getContainer(containerId));
      if (reason)
        log.warn({ container_id: containerId, reason }, "not started again in its container: it gets a new one");
    },
    wasSignalled,
    outOfMemoryAt: async (containerId) => (await timesOf("oom", containerId, ports)).at(-1) ?? null,
    pull: pulls.begin,
    pullOf: pulls.of,
    abortPull: pulls.abort,
    async startCheck(order) {
      const image = await lookUpImage(order.imageId);
      const command = toList(image?.Config.Cmd);
      if (countCheck(order.requestId) > MOST_CHECKS) return CHECK_KEEPS_ENDING;
      const container = await create(docker, checkContainer({ ...order, command }, surroundings, settings.worker));
      if (container === NAME_TAKEN) return nameTaken(checkName(surroundings));
      return typeof container === "string" ? container : startOrRemove(container, bringState);
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
      const holders = (await listOwn()).filter((own) => imageHeldBy(own).includes(imageId));
      for (const { id } of holders) await this.remove(id);
      const { repo, tag } = heldTag(surroundings, imageId);
      const held = `${repo}:${tag}`;
      if (isImageReference(held)) await unlessMissing(docker.getImage(held).remove({ noprune: true }));
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

function imageHeldBy({ role, labels }: OwnContainer): readonly string[] {
  return role === "holds" ? [labels[LABEL.holds] ?? ""] : [];
}

/** Of several that say they are the worker, the one with its name is it, else the newest. */
function rank({ names, created }: OwnContainer, name: string): number {
  return names.includes(`/${name}`) ? Number.POSITIVE_INFINITY : created;
}

function createRenameTeller({ log }: EnginePorts, name: string) {
  let told = "";
  return ({ id, names }: OwnContainer) => {
    if (names.includes(`/${name}`) || told === id) return;
    log.warn({ container_id: id, names }, "the worker was renamed: it is the worker all the same");
    told = id;
  };
}

/** How often a request's check was started by this supervisor; one that somebody removes leaves no other trace. */
function createCheckCounter() {
  let counted = { requestId: 0, times: 0 };
  return (requestId: number): number => {
    counted = { requestId, times: counted.requestId === requestId ? counted.times + 1 : 1 };
    return counted.times;
  };
}

const CHECK_KEEPS_ENDING = `its check was stopped or removed ${MOST_CHECKS} times by somebody else, so nothing is known of the image: leave the check alone, and deploy it again`;

/** An image's command: the engine gives a list, or a line for its shell, or none. */
function toList(command: string | readonly string[] | null | undefined): readonly string[] {
  return typeof command === "string" ? ["/bin/sh", "-c", command] : (command ?? []);
}

function nullIfTaken(refusal: StartRefusal | typeof NAME_TAKEN): StartRefusal {
  return refusal === NAME_TAKEN ? null : refusal;
}
