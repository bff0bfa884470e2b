import type { StartOrder } from "./worker-runtime.ts";

/** What the supervisor's own container says about where a worker belongs: seen once, at start. */
export interface Surroundings {
  /** Its labels; compose's are carried over, so that the worker counts as one of its services. */
  readonly labels: Readonly<Record<string, string>>;
  /** What lies at STATE_DIR: a named volume, or a directory of the host. */
  readonly stateMount: { readonly type: "volume" | "bind"; readonly source: string };
  /** The networks it is on, by name. */
  readonly networks: readonly string[];
}

export interface WorkerLimits {
  readonly memoryMb: number;
  readonly pids: number;
  readonly stopGraceSeconds: number;
}

/** Labels of our own: what a container found later has to tell about itself. */
export const LABEL = {
  instance: "lastgood.instance",
  revision: "lastgood.revision",
  supervisor: "lastgood.supervisor",
} as const;

const COMPOSE = "com.docker.compose.";
/** What the worker is to compose: the first container of the service that docker-compose.yml declares at scale 0. */
const SERVICE = "worker";

export function projectOf({ labels }: Surroundings): string {
  return labels[`${COMPOSE}project`] ?? "lastgood";
}

/** One fixed name, as compose would choose it: that it is taken means that a worker exists. */
export function workerName(surroundings: Surroundings): string {
  return `${projectOf(surroundings)}-${SERVICE}-1`;
}

/**
 * The whole description of a worker's container, for POST /containers/create. Deploy, restart and rollback use it
 * alike; it is never a copy of another container's settings.
 */
export function workerContainer(
  order: StartOrder,
  surroundings: Surroundings,
  settings: {
    readonly environment: Readonly<Record<string, string>>;
    readonly stateDir: string;
    readonly limits: WorkerLimits;
  },
) {
  const { environment, stateDir, limits } = settings;
  const memory = limits.memoryMb * 1024 * 1024;
  return {
    name: workerName(surroundings),
    Image: order.imageId, // never the tag: it may move
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    User: "1000:1000",
    Labels: labels(order, surroundings),
    StopSignal: "SIGTERM",
    StopTimeout: limits.stopGraceSeconds,
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
      Mounts: [{ Type: surroundings.stateMount.type, Source: surroundings.stateMount.source, Target: stateDir }],
      NetworkMode: surroundings.networks[0] ?? "bridge",
    },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(surroundings.networks.map((name) => [name, { Aliases: [SERVICE] }])),
    },
  };
}

/** compose lists, logs and removes by these; the config hash only has to be there. */
function labels(order: StartOrder, surroundings: Surroundings): Record<string, string> {
  const ofProject = Object.entries(surroundings.labels).filter(([name]) => name.startsWith(`${COMPOSE}project`));
  return {
    ...Object.fromEntries(ofProject),
    [`${COMPOSE}service`]: SERVICE,
    [`${COMPOSE}container-number`]: "1",
    [`${COMPOSE}oneoff`]: "False",
    [`${COMPOSE}config-hash`]: order.imageId,
    [LABEL.instance]: order.instance,
    [LABEL.revision]: order.revision,
    [LABEL.supervisor]: String(order.supervisorId),
  };
}
