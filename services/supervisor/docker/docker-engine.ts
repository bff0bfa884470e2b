import Docker from "dockerode";
import { SetupError } from "../../../shared/setup-error.ts";
import { explainConnection } from "./docker-connection.ts";
import { DEADLINES, withDeadlines } from "./engine-deadlines.ts";
import type { Surroundings } from "./worker-container.ts";

export type Engine = Docker;

/**
 * A connection that was kept may be cut just as it is used again, which reads like an engine that is away. An agent that
 * keeps none would say the same, but docker-modem makes a text of its request's options, and all of the agent with them.
 */
const ONE_REQUEST_EACH = { headers: { Connection: "close" } };

/** No request is made yet. Every one that is has a deadline. */
export function openEngine(socketPath: string, deadlines = DEADLINES): Engine {
  const docker = new Docker({ socketPath, ...ONE_REQUEST_EACH });
  const { modem } = docker;
  modem.dial = withDeadlines(modem.dial.bind(modem), deadlines);
  return docker;
}

/** Finds out where this container runs. Throws a SetupError when it cannot. */
export async function surroundingsOf(
  docker: Engine,
  { containerId, socketPath, stateDir }: { containerId: string; socketPath: string; stateDir: string },
): Promise<Surroundings> {
  const self = await inspectSelf(docker, containerId, socketPath);
  const mount = self.Mounts.find(({ Destination }) => Destination === stateDir);
  if (!mount || (mount.Type !== "volume" && mount.Type !== "bind")) {
    throw new SetupError([`Nothing is mounted at ${stateDir}. Mount the state volume there: the worker shares it.`]);
  }
  return {
    labels: self.Config.Labels,
    stateMount: { type: mount.Type, source: mount.Type === "volume" ? (mount.Name ?? "") : mount.Source },
    networks: Object.keys(self.NetworkSettings.Networks).sort(),
  };
}

async function inspectSelf(docker: Engine, containerId: string, socketPath: string) {
  try {
    return await docker.getContainer(containerId).inspect();
  } catch (cause) {
    throw explainConnection(cause, socketPath);
  }
}
