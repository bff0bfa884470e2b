import Docker from "dockerode";
import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logging.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { linesOf, toWorker } from "./docker-answers.ts";
import {
  LABEL,
  projectOf,
  type Surroundings,
  type WorkerLimits,
  workerContainer,
  workerName,
} from "./worker-container.ts";
import type { WorkerIdentity } from "./worker-environment.ts";
import type { StartRefusal, WorkerRuntime } from "./worker-runtime.ts";

export interface DockerRuntimeSettings {
  readonly stateDir: string;
  readonly limits: WorkerLimits;
  environmentFor(worker: WorkerIdentity): Readonly<Record<string, string>>;
}

/** How long to leave a broken event stream alone before it is opened again; the loop looks by itself meanwhile. */
const RESUBSCRIBE_MS = 1000;

export function createDockerRuntime(
  ports: { readonly docker: Docker; readonly clock: Clock; readonly log: Logger },
  surroundings: Surroundings,
  settings: DockerRuntimeSettings,
): WorkerRuntime {
  const { docker } = ports;
  const name = workerName(surroundings);
  return {
    async look() {
      const found = await unlessMissing(docker.getContainer(name).inspect());
      if (found && !(LABEL.instance in found.Config.Labels)) throw new SetupError([nameTaken(name)]);
      return found && toWorker(found);
    },
    async resolve(reference) {
      const image = await unlessMissing(docker.getImage(reference).inspect());
      return image && { revision: reference, imageId: image.Id };
    },
    async present(imageIds) {
      const found = await Promise.all(imageIds.map((id) => unlessMissing(docker.getImage(id).inspect())));
      return new Set(found.flatMap((image) => (image ? [image.Id] : [])));
    },
    async start(order) {
      const environment = settings.environmentFor(order);
      const created = await create(docker, workerContainer(order, surroundings, { ...settings, environment }));
      if (typeof created === "string" || created === null) return created;
      await created.start().catch(refusedByEngine); // the engine keeps why in the container's State.Error
      return null;
    },
    async stop(containerId, graceMs) {
      await unlessMissing(
        docker
          .getContainer(containerId)
          .stop({ t: Math.ceil(graceMs / 1000) })
          .catch(unlessStopped),
      );
    },
    async remove(containerId) {
      await unlessMissing(docker.getContainer(containerId).remove({ force: true }));
    },
    async logTail(containerId, lines) {
      const options = { stdout: true, stderr: true, tail: lines, follow: false as const };
      const output = await unlessMissing(docker.getContainer(containerId).logs(options));
      return output ? linesOf(output) : [];
    },
    watch(onChange, signal) {
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
  const self = await docker
    .getContainer(containerId)
    .inspect()
    .catch((cause) => {
      throw explainConnection(cause, socketPath);
    });
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
      networks: Object.keys(self.NetworkSettings.Networks),
    },
    imageEnvironment: (image.Config.Env ?? []).map((entry) => entry.split("=", 1)[0] ?? ""),
  };
}

function nameTaken(name: string): string {
  return `The name ${name} is taken by a container that is not ours. Remove or rename it: the worker has that name.`;
}

function explainConnection(cause: unknown, socketPath: string): unknown {
  const { code, statusCode } = cause as { code?: string; statusCode?: number };
  if (statusCode === 404) {
    return new SetupError(
      [
        "The supervisor does not run in a container of this engine. Use docker compose up, or npm start to run without one.",
      ],
      { cause },
    );
  }
  const remedy = code && CONNECTION_REMEDIES[code];
  return remedy
    ? new SetupError([`The Docker Engine cannot be reached at ${socketPath} (${code}). ${remedy}`], { cause })
    : cause;
}

const CONNECTION_REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: "Mount the engine's socket there: /var/run/docker.sock:/var/run/docker.sock.",
  ECONNREFUSED: "Start the engine.",
  EACCES: "Run the supervisor as a user who may open the socket.",
  ENOTSOCK: "What is mounted there is not the engine's socket.",
};

/** The container, or why there is none; null when the name is taken. */
async function create(
  docker: Docker,
  options: ReturnType<typeof workerContainer>,
): Promise<Docker.Container | StartRefusal> {
  try {
    return await docker.createContainer(options as Docker.ContainerCreateOptions);
  } catch (error) {
    if (statusOf(error) === 409) return null;
    if (statusOf(error) === undefined) throw error;
    return reasonOf(error);
  }
}

/** Follows the engine's events about the project's containers, again and again: the stream ends whenever it likes. */
async function follow(
  { docker, clock, log }: { docker: Docker; clock: Clock; log: Logger },
  project: string,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const filters = { type: ["container" as const], label: [`com.docker.compose.project=${project}`, LABEL.instance] };
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

function refusedByEngine(error: unknown): void {
  if (statusOf(error) === undefined) throw error; // no answer: the engine itself failed
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
