import Docker from "dockerode";
import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logging.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { linesOf, toCheck, toWorker } from "./docker-answers.ts";
import { explainConnection, isUnavailable } from "./docker-connection.ts";
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
import type { StartRefusal, WorkerRuntime } from "./worker-runtime.ts";

/** How long to leave a broken event stream alone before it is opened again; the loop looks by itself meanwhile. */
const RESUBSCRIBE_MS = 1000;

interface EnginePorts {
  readonly docker: Docker;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createDockerRuntime(
  ports: EnginePorts,
  surroundings: Surroundings,
  settings: WorkerSettings,
): WorkerRuntime {
  const { docker } = ports;
  const name = workerName(surroundings);
  const digest = settingsDigest(settings, surroundings);
  const pulls = createImagePulls((reference) => pullImage(docker, reference));
  const unholdable = new Set<string>(); // tried once by each supervisor
  const holders = { label: [`com.docker.compose.project=${projectOf(surroundings)}`, LABEL.holds] };
  return {
    isUnavailable,
    async look() {
      const found = await unlessMissing(docker.getContainer(name).inspect());
      if (found && !(LABEL.instance in found.Config.Labels)) throw new SetupError([nameTaken(name)]);
      return found && toWorker(found, digest);
    },
    async resolve(reference) {
      const image = await unlessMissing(docker.getImage(reference).inspect()).catch(unlessMalformed);
      return image ? { revision: reference, imageId: image.Id } : null;
    },
    async present(imageIds) {
      const found = await Promise.all(imageIds.map((id) => unlessMissing(docker.getImage(id).inspect())));
      return new Set(found.flatMap((image) => (image ? [image.Id] : [])));
    },
    start: (order) => run(docker, workerContainer(order, surroundings, settings)),
    async wasSignalled(containerId) {
      // A kill is logged before the death it brings; the engine would sit out whatever lies in the future.
      const until = ports.clock.now() / 1000;
      const filters = { container: [containerId], event: ["kill"] };
      const stream: AsyncIterable<unknown> = await docker.getEvents({ since: 0, until, filters });
      for await (const _ of stream) return true;
      return false;
    },
    pull: pulls.begin,
    pullOf: pulls.of,
    async lookAtCheck() {
      const found = await unlessMissing(docker.getContainer(checkName(surroundings)).inspect());
      return found && toCheck(found);
    },
    async startCheck(order) {
      const image = await unlessMissing(docker.getImage(order.imageId).inspect());
      const command = toList(image?.Config.Cmd);
      return run(docker, checkContainer({ ...order, command }, surroundings, settings));
    },
    async held() {
      const found = await docker.listContainers({ all: true, filters: holders });
      return new Set([...unholdable, ...found.map(({ Labels }) => Labels[LABEL.holds] ?? "")]);
    },
    async hold(revision) {
      await unlessMissing(docker.getImage(revision.imageId).tag(heldTag(surroundings, revision.imageId)));
      const refusal = await create(docker, holderContainer(revision, surroundings));
      if (typeof refusal !== "string") return;
      ports.log.warn({ ...revision, reason: refusal }, "the image cannot be held against being pruned");
      unholdable.add(revision.imageId);
    },
    async letGo(imageId) {
      const { repo, tag } = heldTag(surroundings, imageId);
      await unlessMissing(docker.getContainer(holderName(surroundings, imageId)).remove({ force: true }));
      await unlessMissing(docker.getImage(`${repo}:${tag}`).remove({ noprune: true }));
      unholdable.delete(imageId);
    },
    async stop(containerId, graceMs) {
      const container = docker.getContainer(containerId);
      await container.unpause().catch(refusedByEngine); // what is frozen cannot finish
      await unlessMissing(container.stop({ t: Math.ceil(graceMs / 1000) }).catch(unlessStopped));
    },
    async remove(containerId) {
      await unlessMissing(docker.getContainer(containerId).remove({ force: true, v: true })).catch(unlessBeingRemoved);
    },
    async logTail(containerId, lines) {
      const options = { stdout: true, stderr: true, tail: lines, follow: false as const };
      const output = await unlessMissing(docker.getContainer(containerId).logs(options));
      return output ? linesOf(output) : [];
    },
    watch(onChange, signal) {
      pulls.onEnd(onChange);
      void follow(ports, projectOf(surroundings), onChange, signal);
    },
  };
}

/** Connects to the engine and finds out where this container runs. Throws a SetupError when it cannot. */
export async function connectToDocker(
  socketPath: string,
  containerId: string,
  stateDir: string,
): Promise<{ docker: Docker; surroundings: Surroundings; imageEnvironment: readonly string[] }> {
  const docker = new Docker({ socketPath });
  const self = await inspectSelf(docker, containerId, socketPath);
  const mount = self.Mounts.find(({ Destination }) => Destination === stateDir);
  if (!mount || (mount.Type !== "volume" && mount.Type !== "bind")) {
    throw new SetupError([`Nothing is mounted at ${stateDir}. Mount the state volume there: the worker shares it.`]);
  }
  const image = await docker.getImage(self.Image).inspect();
  return {
    docker,
    surroundings: {
      labels: self.Config.Labels,
      stateMount: { type: mount.Type, source: mount.Type === "volume" ? (mount.Name ?? "") : mount.Source },
      networks: Object.keys(self.NetworkSettings.Networks).sort(),
    },
    imageEnvironment: (image.Config.Env ?? []).map((entry) => entry.split("=", 1)[0] ?? ""),
  };
}

async function inspectSelf(docker: Docker, containerId: string, socketPath: string) {
  try {
    return await docker.getContainer(containerId).inspect();
  } catch (cause) {
    throw explainConnection(cause, socketPath);
  }
}

function nameTaken(name: string): string {
  return `The name ${name} is taken by a container that is not ours. Remove or rename it: the worker has that name.`;
}

/** Creates and starts; null when there is a container now, whatever its state, else why there is none. */
async function run(docker: Docker, options: object): Promise<StartRefusal> {
  const created = await create(docker, options);
  if (typeof created === "string" || created === null) return created;
  try {
    await created.start();
    return null;
  } catch (error) {
    refusedByEngine(error);
    // Cut short here, the container stays, with why in its State.Error; it is never started again (moby#51758).
    await unlessMissing(created.remove({ force: true }));
    return reasonOf(error);
  }
}

/** The container, or why there is none; null when the name is taken. */
async function create(docker: Docker, options: object): Promise<Docker.Container | StartRefusal> {
  try {
    return await docker.createContainer(options as Docker.ContainerCreateOptions);
  } catch (error) {
    if (statusOf(error) === 409) return null;
    if (statusOf(error) === undefined) throw error;
    return reasonOf(error);
  }
}

/** Resolves once the image is here; rejects with what the registry said. The errors are in the stream. */
async function pullImage(docker: Docker, reference: string): Promise<void> {
  const named = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const stream: NodeJS.ReadableStream = await docker.pull(named);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, progress: readonly { readonly error?: string }[] = []) => {
      const problem = error?.message ?? progress.find((line) => line.error)?.error;
      if (problem === undefined) resolve();
      else reject(new Error(problem));
    });
  });
}

/** Follows the engine's events about the project's containers, again and again: the stream ends whenever it likes. */
async function follow({ docker, clock, log }: EnginePorts, project: string, onChange: () => void, signal: AbortSignal) {
  const filters = { type: ["container" as const], label: [`com.docker.compose.project=${project}`] };
  while (!signal.aborted) {
    try {
      const stream: AsyncIterable<unknown> = await docker.getEvents({ filters, abortSignal: signal });
      onChange(); // what happened before the subscription
      for await (const _ of stream) onChange();
    } catch (error) {
      if (!signal.aborted) log.warn({ reason: reasonOf(error) }, "the engine's event stream broke");
    }
    await clock.sleep(RESUBSCRIBE_MS, signal);
  }
}

async function unlessMissing<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function unlessStopped(error: unknown): void {
  if (statusOf(error) !== 304) throw error;
}

/** A text that is no reference names no image. */
function unlessMalformed(error: unknown): null {
  if (statusOf(error) === 400) return null;
  throw error;
}

/** Compose, say, is removing it at this moment. */
function unlessBeingRemoved(error: unknown): void {
  if (statusOf(error) !== 409) throw error;
}

function refusedByEngine(error: unknown): void {
  if (statusOf(error) === undefined) throw error; // no answer: the engine itself failed
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An image's command: the engine gives a list, or a line for its shell, or none. */
function toList(command: string | readonly string[] | null | undefined): readonly string[] {
  return typeof command === "string" ? ["/bin/sh", "-c", command] : (command ?? []);
}
