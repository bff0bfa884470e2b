import { type Measurement, median } from "./measurement.ts";
import { measureBot } from "./worker/bot.ts";
import { markdown } from "./worker/markdown.ts";
import { claims, events, offsets } from "./worker/tables.ts";

/** What durability costs: the worker and a bare bot that keeps nothing, in turns, against the same local peers. */
export async function measureWorker(samples: number): Promise<readonly Measurement[]> {
  const alone = [...events(samples), ...claims(samples), ...offsets(samples), ...markdown(samples)];
  const rounds: Round[] = [];
  for (let number = 1; number <= samples; number += 1) {
    rounds.push(await round(number % 2 === 0));
    console.error(`round ${number} of ${samples}: ${JSON.stringify(rounds.at(-1))}`);
  }
  return [...ofRounds(rounds), ...alone];
}

type Round = Awaited<ReturnType<typeof round>>;

const BUSY = { messages: 5000, latencyMs: 0, lone: true } as const;
const SLOW_MODEL = { messages: 1000, latencyMs: 200, lone: false } as const;

/** Now the one goes first, then the other: a machine warms up, and gets busy with other things. */
async function round(bareFirst: boolean) {
  const order = bareFirst ? (["bare", "worker"] as const) : (["worker", "bare"] as const);
  const busy = { worker: NOTHING, bare: NOTHING };
  const slow = { worker: 0, bare: 0 };
  for (const bot of order) busy[bot] = summary(await measureBot(bot, BUSY));
  for (const bot of order) slow[bot] = (await measureBot(bot, SLOW_MODEL)).perSecond;
  return { busy, slow };
}

function summary({ loneMs, readersCpuMsPerMessage: _, ...rest }: Awaited<ReturnType<typeof measureBot>>) {
  return { ...rest, loneMs: median(loneMs) };
}

const NOTHING: ReturnType<typeof summary> = {
  perSecond: 0,
  cpuMsPerMessage: 0,
  residentMb: 0,
  loneMs: 0,
  bytesPerMessage: 0,
};

function ofRounds(rounds: readonly Round[]): Measurement[] {
  const of = (bot: "worker" | "bare", key: keyof typeof NOTHING) => rounds.map(({ busy }) => busy[bot][key]);
  const bare = (key: keyof typeof NOTHING) => ({ name: "bare bot", samples: of("bare", key) });
  return [
    {
      name: "50 chats, model at 0 ms: messages",
      unit: "/s",
      goal: { atLeastTimesPeer: 0.9 },
      samples: of("worker", "perSecond"),
      peer: bare("perSecond"),
    },
    {
      name: "50 chats, model at 200 ms: messages",
      unit: "/s",
      goal: { atLeastTimesPeer: 0.95 },
      samples: rounds.map(({ slow }) => slow.worker),
      peer: { name: "bare bot", samples: rounds.map(({ slow }) => slow.bare) },
    },
    {
      name: "processor time for a message",
      unit: "ms",
      goal: { timesPeer: 1.2 },
      samples: of("worker", "cpuMsPerMessage"),
      peer: bare("cpuMsPerMessage"),
    },
    {
      name: "resident after 5,000 messages",
      unit: "MB",
      goal: { timesPeer: 1 },
      samples: of("worker", "residentMb"),
      peer: bare("residentMb"),
    },
    {
      name: "a lone message's answer: added to the bare bot's p50",
      unit: "ms",
      goal: { atMost: 5 },
      samples: rounds.map(({ busy }) => busy.worker.loneMs - busy.bare.loneMs),
    },
    {
      name: "on disk for an answered message",
      unit: "bytes",
      goal: { atMost: 2048 },
      samples: of("worker", "bytesPerMessage"),
    },
  ];
}
