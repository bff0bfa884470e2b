import { createHash } from "node:crypto";
import type { Revision } from "../../../shared/state.ts";
import { identityVariables } from "../worker-environment.ts";
import type { StartOrder } from "../worker-runtime.ts";
import { holderName, labelsFor, SERVICE, workerName } from "./labels.ts";

/** What the supervisor's own container says about where a worker belongs: seen once, at start. */
export interface Surroundings {
  /** Its labels; compose's are carried over, so that the worker counts as one of its services. */
  readonly labels: Readonly<Record<string, string>>;
  /** What lies at STATE_DIR: a named volume, or a directory of the host. */
  readonly stateMount: { readonly type: "volume" | "bind"; readonly source: string };
  /** The networks it is on, by name. */
  readonly networks: readonly string[];
}

export interface ContainerLimits {
  readonly memoryMb: number;
  readonly pids: number;
}

export interface WorkerLimits extends ContainerLimits {
  readonly stopGraceSeconds: number;
}

/** What every worker of this supervisor is given, whichever the revision and the instance. */
export interface WorkerSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly limits: WorkerLimits;
}

/** The images' user "node". */
export const WORKER_UID = 1000;
export const WORKER_GID = 1000;

/** Of everything but the revision and the instance: a worker with another digest is replaced. Holds no value itself. */
export function settingsDigest({ environment, limits, stateDir }: WorkerSettings, surroundings: Surroundings): string {
  const sorted = Object.entries(environment).sort(([one], [other]) => one.localeCompare(other));
  const settings = JSON.stringify([sorted, limits, stateDir, surroundings.stateMount, surroundings.networks]);
  return createHash("sha256").update(settings).digest("hex");
}

/**
 * The whole description of a worker's container, for POST /containers/create. Deploy, restart and rollback use it
 * alike; it is never a copy of another container's settings.
 */
export function workerContainer(order: StartOrder, surroundings: Surroundings, settings: WorkerSettings) {
  const { environment, limits, stateDir } = settings;
  const { imageId, instance, revision, supervisorId } = order;
  const { Env, User, HostConfig } = confined({ environment: { ...environment, ...identityVariables(order) }, limits });
  const own = {
    instance,
    revision,
    supervisor: String(supervisorId),
    settings: settingsDigest(settings, surroundings),
  };
  const { stateMount, networks } = surroundings;
  return {
    name: workerName(surroundings),
    Image: imageId, // never the tag: it may move
    Env,
    User,
    Labels: labelsFor("worker", own, { surroundings, imageId }),
    StopSignal: "SIGTERM",
    StopTimeout: limits.stopGraceSeconds,
    HostConfig: {
      ...HostConfig,
      NetworkMode: networks[0] ?? "bridge",
      Mounts: [{ Type: stateMount.type, Source: stateMount.source, Target: stateDir }],
    },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(networks.map((name) => [name, { Aliases: [SERVICE] }])),
    },
  };
}

/** Never started; a container keeps its image from `docker image prune`, a tag alone does not. */
export function holderContainer({ imageId, revision }: Revision, surroundings: Surroundings) {
  return {
    name: holderName(surroundings, imageId),
    Image: imageId,
    Entrypoint: ["/bin/true"],
    Cmd: [],
    Labels: labelsFor("holds", { holds: imageId, revision }, { surroundings, imageId }),
    HostConfig: { NetworkMode: "none", RestartPolicy: { Name: "no" } },
  };
}

/** What a container that runs a stranger's image is given, and no power beyond that. */
export function confined({ environment, limits }: Pick<WorkerSettings, "environment"> & { limits: ContainerLimits }) {
  const memory = limits.memoryMb * 1024 * 1024;
  return {
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    User: `${WORKER_UID}:${WORKER_GID}`,
    HostConfig: {
      RestartPolicy: { Name: "no" }, // restarting is ours: the engine's back-off forgets after 10 s of life
      Init: true,
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: memory,
      MemorySwap: memory, // none beyond the memory
      PidsLimit: limits.pids,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    },
  };
}
