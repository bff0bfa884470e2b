import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { DATABASE_FILE } from "../../../shared/files.ts";
import { schemaCopy } from "../../../shared/schema-copy.ts";
import type { Revision } from "../../../shared/state.ts";
import { identityVariables } from "../worker-environment.ts";
import { checkEnvironment } from "./check-environment.ts";
import { checkName, labelsFor } from "./labels.ts";
import { confined, type Surroundings, WORKER_GID, WORKER_UID, type WorkerSettings } from "./worker-container.ts";

/** A check loads what a worker loads, whatever a worker may have beyond that. */
const CHECK_LIMITS = { memoryMb: 512, pids: 256 };

/**
 * An image that is only asked to check: its own command, with one argument more. One that loses the argument, as a
 * command in shell form does, runs a whole worker there; so it has no network, no secret and no state, and can do
 * nothing. In the state's place is a volume of its own, which goes with the container.
 */
export function checkContainer(
  order: Revision & { readonly requestId: number; readonly command: readonly string[] },
  surroundings: Surroundings,
  { environment, stateDir }: WorkerSettings,
) {
  const { requestId, imageId, revision, command } = order;
  const identity = identityVariables({ parentId: requestId, instance: `check.${requestId}` });
  const { Env, User, HostConfig } = confined({
    environment: { ...checkEnvironment(environment, stateDir), ...identity, STATE_DIR: stateDir },
    limits: CHECK_LIMITS,
  });
  return {
    name: checkName(surroundings),
    Image: imageId,
    Cmd: [...command, "check"],
    Env,
    User,
    Labels: labelsFor("check", { check: String(requestId), revision }, { surroundings, imageId }),
    Healthcheck: { Test: ["NONE"] }, // there is no heartbeat to look for
    HostConfig: {
      ...HostConfig,
      NetworkMode: "none",
      // Whatever the image has there itself stays out.
      Mounts: [{ Type: "volume" as const, Target: stateDir, VolumeOptions: { NoCopy: true } }],
    },
  };
}

/** An archive for the check's STATE_DIR: a database with the schema and not a row, as a worker could open it. */
export async function checkState(): Promise<Buffer> {
  const archive = pack();
  const content = buffer(archive);
  archive.entry({ name: DATABASE_FILE, mode: 0o664, uid: WORKER_UID, gid: WORKER_GID }, schemaCopy());
  archive.finalize();
  return content;
}
