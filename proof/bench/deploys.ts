import type { Chat } from "../e2e/chat.ts";
import { must } from "../e2e/command.ts";
import type { System } from "../e2e/system.ts";

/** Revisions to deploy, by what becomes of them. */
export interface Revisions {
  readonly good: string;
  readonly failsItsCheck: string;
  readonly diesAtStart: string;
}

export async function buildRevisions(system: System): Promise<Revisions> {
  const exits = (code: string) => `CMD ["node", "-e", "process.exit(${code})"]`;
  return {
    good: await system.buildWorker("good", "LABEL revision=good"),
    failsItsCheck: await system.buildWorker("fails-its-check", exits("1")),
    diesAtStart: await system.buildWorker("dies-at-start", exits("process.argv.includes('check') ? 0 : 1")),
  };
}

/**
 * For how long no worker polls, in ms: from `worker.stopping`, written before the old worker is asked to stop and with
 * that to end its last poll, to `worker.ready`, written once the new worker's first poll is answered. So it is a little
 * more than Telegram sees.
 */
export async function deployOfGood(system: System, { good }: Revisions): Promise<number> {
  const before = await system.newestEventId();
  await isDecided(system, good, 0);
  const stopping = await system.eventOf("worker.stopping", before);
  const ready = await system.eventOf("worker.ready", stopping.id);
  return Date.parse(ready.timestamp) - Date.parse(stopping.timestamp);
}

/** For how long no worker runs while one is rejected, in ms: 0, when the container that ran is the one that runs. */
export async function deployOfUnfit(system: System, { failsItsCheck }: Revisions): Promise<number> {
  const identity = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);
  const before = await identity();
  await isDecided(system, failsItsCheck, 1);
  return (await identity()) === before ? 0 : Number.POSITIVE_INFINITY;
}

/** From the stop of the old worker until its image answers what was said when it was gone, in ms. */
export async function deployOfDying(system: System, chat: Chat, { diesAtStart }: Revisions): Promise<number> {
  const before = await system.newestEventId();
  const deployed = isDecided(system, diesAtStart, 1);
  const stopping = await system.eventOf("worker.stopping", before);
  await system.eventOf("worker.exited", stopping.id);
  await chat.say("after the stop");
  await chat.reply("after the stop");
  const answeredAt = Date.now();
  await deployed;
  return answeredAt - Date.parse(stopping.timestamp);
}

async function isDecided(system: System, image: string, expected: number): Promise<void> {
  const { exitCode, stdout, stderr } = await system.lastgood("deploy", image);
  if (exitCode !== expected) throw new Error(`the deploy of ${image} ended with ${exitCode}:\n${stdout}${stderr}`);
}
