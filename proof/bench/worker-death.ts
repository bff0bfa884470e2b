import Docker from "dockerode";
import type { Chat } from "../e2e/chat.ts";
import { linesOf } from "../e2e/command.ts";
import type { System } from "../e2e/system.ts";

/** A worker dies for the first time: when its successor is up, and when it answers what was said meanwhile, in ms. */
export async function workerDeath(system: System, chat: Chat): Promise<{ upMs: number; answeredMs: number }> {
  const killedAt = await system.killFromWithin();
  await chat.say("after the death");
  await chat.reply("after the death");
  const answeredAt = Date.now();
  return { upMs: (await startedAfter(system.worker, killedAt)) - killedAt, answeredMs: answeredAt - killedAt };
}

/**
 * The same worker in a container of the same description, which the engine itself restarts: when it is up again. The
 * supervisor's stands still meanwhile, as two would poll beside each other.
 */
export async function deathUnderRestartPolicy(system: System): Promise<number> {
  const docker = new Docker();
  const { Image, HostConfig, Config } = await docker.getContainer(system.worker).inspect();
  await system.lastgood("stop");
  const stopped = await system.newestEventId();
  const peer = await docker.createContainer({
    name: `${system.project}-peer`,
    Image,
    User: Config.User,
    Env: Config.Env,
    HostConfig: { ...HostConfig, RestartPolicy: { Name: "always" } },
  });
  await peer.start();
  try {
    await system.eventOf("worker.ready", stopped);
    const killedAt = await system.killFromWithin(peer.id);
    return (await startedAfter(peer.id, killedAt)) - killedAt;
  } finally {
    await peer.remove({ force: true });
    const gone = await system.newestEventId();
    await system.lastgood("start");
    await system.eventOf("worker.ready", gone);
  }
}

/** When the engine started a container of this name for the first time after a moment, in Unix milliseconds. */
async function startedAfter(container: string, moment: number): Promise<number> {
  const found = new AbortController();
  const signal = AbortSignal.any([found.signal, AbortSignal.timeout(60_000)]);
  const since = ["--since", String(moment / 1000), "--format", "{{.TimeNano}}"];
  const filters = ["--filter", `container=${container}`, "--filter", "event=start"];
  for await (const nanoseconds of linesOf("docker", ["events", ...since, ...filters], { signal })) {
    found.abort();
    return Number(nanoseconds) / 1e6;
  }
  throw new Error(`${container} was not started again`);
}
