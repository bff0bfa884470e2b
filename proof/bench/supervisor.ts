import { type System, startSystem } from "../e2e/system.ts";
import { atRest } from "./at-rest.ts";
import { buildRevisions, deployOfDying, deployOfGood, deployOfUnfit, type Revisions } from "./deploys.ts";
import { derivedState } from "./derived-state.ts";
import type { Measurement } from "./measurement.ts";
import { deathUnderRestartPolicy, workerDeath } from "./worker-death.ts";

/** What an operator notices of the supervisor: for how long nobody answers, and what it takes to watch. */
export async function measureSupervisor(samples: number): Promise<readonly Measurement[]> {
  const fold = await derivedState(samples);
  // The local model's thinking is not the supervisor's.
  const system = await startSystem("bench", { LOCAL_MODEL_LATENCY_MS: "0" });
  try {
    const revisions = await buildRevisions(system);
    const rounds: Round[] = [];
    for (let number = 1; number <= samples; number += 1) {
      rounds.push(await round(system, revisions));
      console.error(`round ${number} of ${samples}: ${JSON.stringify(rounds.at(-1))}`);
    }
    return [...ofRounds(rounds), fold, ...ofRest(await rest(system, samples))];
  } finally {
    await system.stop();
  }
}

/** Of that, a worker's death alone. */
export async function measureRestart(samples: number): Promise<readonly Measurement[]> {
  const system = await startSystem("bench", { LOCAL_MODEL_LATENCY_MS: "0" });
  try {
    const deaths: Death[] = [];
    for (let number = 1; number <= samples; number += 1) {
      deaths.push(await death(system, await onFreshVolume(system)));
      console.error(`round ${number} of ${samples}: ${JSON.stringify(deaths.at(-1))}`);
    }
    return ofDeaths(deaths);
  } finally {
    await system.stop();
  }
}

type Round = Awaited<ReturnType<typeof round>>;
type Death = Awaited<ReturnType<typeof death>>;

/** One sample of each, on a volume of its own. */
async function round(system: System, revisions: Revisions) {
  const chat = await onFreshVolume(system);
  const ofDeath = await death(system, chat);
  const unfitMs = await deployOfUnfit(system, revisions);
  const goodMs = await deployOfGood(system, revisions);
  const dyingMs = await deployOfDying(system, chat, revisions);
  return { ...ofDeath, unfitMs, goodMs, dyingMs };
}

async function death(system: System, chat: Awaited<ReturnType<typeof onFreshVolume>>) {
  const { upMs, answeredMs } = await workerDeath(system, chat);
  return { upMs, dockerUpMs: await deathUnderRestartPolicy(system), answeredMs };
}

async function rest(system: System, samples: number) {
  await onFreshVolume(system);
  return atRest(system, samples);
}

/** A worker is promoted there, and somebody is in a chat with it. */
async function onFreshVolume(system: System) {
  await system.renew();
  await system.eventOf("revision.promoted");
  return system.openChat();
}

function ofDeaths(deaths: readonly Death[]): Measurement[] {
  return [
    {
      name: "worker killed → new worker process up",
      unit: "ms",
      goal: { timesPeer: 1 },
      samples: deaths.map(({ upMs }) => upMs),
      peer: { name: "same image, --restart=always", samples: deaths.map(({ dockerUpMs }) => dockerUpMs) },
    },
    atMost(
      1000,
      "worker killed → next message answered",
      deaths.map(({ answeredMs }) => answeredMs),
    ),
  ];
}

function ofRounds(rounds: readonly Round[]): Measurement[] {
  const all = (name: keyof Round) => rounds.map((values) => values[name]);
  return [
    ...ofDeaths(rounds),
    atMost(1500, "good image deployed: old worker's last poll → new one's first", all("goodMs")),
    atMost(0, "image that fails its check: without a worker", all("unfitMs")),
    atMost(3000, "image that dies at its start: old worker's stop → its image answers", all("dyingMs")),
  ];
}

function atMost(ms: number, name: string, samples: readonly number[]): Measurement {
  return { name, unit: "ms", goal: { atMost: ms }, samples };
}

function ofRest({ cpuPercent, anonymousMb }: Awaited<ReturnType<typeof atRest>>): Measurement[] {
  return [
    { name: "supervisor at rest: of a core", unit: "%", goal: { atMost: 1 }, samples: cpuPercent },
    { name: "supervisor at rest: anonymous memory", unit: "MB", goal: { atMost: 60 }, samples: anonymousMb },
  ];
}
