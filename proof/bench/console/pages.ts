import type { Measurement } from "../measurement.ts";
import { openPage } from "./open-page.ts";
import { type RunningConsole, runConsole } from "./running-console.ts";
import { GOAL_MS, GOAL_OF_A_YEAR_MS, overYears, p95Of, timeOf, type Years } from "./seeded-year.ts";

/** Every page, and what programs ask for, with how long it may take. */
const ROUTES: readonly (readonly [path: string, atMostMs: number])[] = [
  ["/", GOAL_MS],
  ["/chat", GOAL_MS],
  ["/chats", GOAL_MS],
  ["/revisions", GOAL_MS],
  ["/messages", GOAL_MS],
  ["/messages?outcome=answered", GOAL_MS],
  ["/messages?outcome=failed", GOAL_MS],
  ["/messages?outcome=waiting", GOAL_MS],
  ["/messages?before=500", GOAL_MS],
  ["/messages/500", GOAL_MS],
  ["/usage", GOAL_MS],
  ["/usage?days=365", GOAL_OF_A_YEAR_MS],
  ["/set-aside", GOAL_MS],
  ["/metrics", GOAL_MS],
  ["/healthz", GOAL_MS],
  ["/readyz", GOAL_MS],
];

/** Prometheus waits 10 s for an answer unless it is told otherwise. */
const FIRST_SCRAPE_MS = 5000;
const MOST_ANONYMOUS_MB = 60;
const LEFT_OPEN = ["/", "/messages", "/usage", "/revisions"] as const;

export async function measurePages({ short, long }: Years, samples: number): Promise<readonly Measurement[]> {
  await (await runConsole(short)).stop(); // everything is compiled from now on
  const consoles = { short: await runConsole(short), long: await runConsole(long) };
  try {
    const firstScrapeMs = await timeOf(() => ask(consoles.long, "/metrics"));
    const pages: Measurement[] = [];
    for (const [path, atMostMs] of ROUTES) {
      if ((await ask(consoles.long, path)).status === 404) continue;
      pages.push(overYears(path, atMostMs, await timesOf(consoles, path, samples)));
    }
    const closeAll = await Promise.all(LEFT_OPEN.map((path) => openPage(consoles.long.url, path)));
    const anonymousMb = consoles.long.anonymousMb();
    for (const close of closeAll) await close();
    return [
      ...pages,
      {
        name: "/metrics: the first scrape after a start",
        unit: "ms",
        goal: { atMost: FIRST_SCRAPE_MS },
        samples: [firstScrapeMs],
      },
      {
        name: "console after all of these, with four pages open: anonymous memory",
        unit: "MB",
        goal: { atMost: MOST_ANONYMOUS_MB },
        samples: [anonymousMb],
      },
    ];
  } finally {
    await Promise.all([consoles.short.stop(), consoles.long.stop()]);
  }
}

async function timesOf(consoles: { short: RunningConsole; long: RunningConsole }, path: string, samples: number) {
  const times = { short: [] as number[], long: [] as number[] };
  await ask(consoles.short, path);
  for (let sample = 0; sample < samples; sample += 1) {
    times.short.push(await p95Of(() => ask(consoles.short, path)));
    times.long.push(await p95Of(() => ask(consoles.long, path)));
  }
  return times;
}

async function ask({ url }: RunningConsole, path: string): Promise<Response> {
  const response = await fetch(url + path);
  await response.arrayBuffer();
  if (response.status >= 500 && path !== "/readyz") throw new Error(`${path} answered ${response.status}`);
  return response;
}
