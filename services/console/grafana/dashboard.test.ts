import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { NO_TOTALS } from "../../../shared/totals.ts";
import { counters } from "../monitoring/counters.ts";
import { gauges } from "../monitoring/gauges.ts";
import type { Moment } from "../monitoring/moment.ts";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const text = readFileSync(join(import.meta.dirname, "dashboard.json"), "utf8");
const { panels } = JSON.parse(text) as { panels: Panel[] };

const NOTHING: Moment = {
  ...({
    supervisorRuns: false,
    halted: null,
    stopped: false,
    onHold: false,
    worker: "none",
    lastExit: null,
    cutOff: null,
    heartbeatAgeMs: null,
  } as const),
  ...{ revisions: {}, startedAt: null, open: {}, oldestOpenMs: 0, spentUsd: 0, budgetUsd: null },
};

test("the dashboard asks for metrics that exist, and has a question for each panel", () => {
  const metrics = [...gauges(NOTHING), ...counters(NO_TOTALS)];
  const names = metrics.flatMap(({ name, type }) => (type === "histogram" ? [`${name}_bucket`] : [name]));
  const asked = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr.match(/lastgood_\w+/g) ?? []));
  expect(asked.filter((name) => !names.includes(name))).toEqual([]);
  expect(panels.filter(({ type, targets = [] }) => type !== "row" && targets.length === 0)).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
