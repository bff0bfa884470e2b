import { toParts } from "../../../services/worker/delivery/parts.ts";
import type { Measurement } from "../measurement.ts";

const LONG = 50_000;

/** What took the parser longest of some ten thousand texts of 50,000 characters that were tried. */
const WORST: readonly (readonly [before: string, unit: string])[] = [
  ["", "h<**"],
  ["", "a#_"],
  ["", "*_a"],
  ["", "a!"],
  ["", "**_"],
  ["", "a@b.c"],
  ["- ", "a@b.c"],
  ["- ", "- a\n"],
  ["- ", "```\n"],
  ["", "a\n-\n"],
  ["", ">"],
  ["", "]\\    ~~"],
  ["", "文。。~"],
  ["%](<", "**~-"],
];

/** From a model's answer to what is sent of it: the slowest of the worst answers, each of which everything waits for. */
export function markdown(samples: number): Measurement[] {
  const slowest: number[] = [];
  for (let sample = 0; sample < samples + 1; sample += 1) {
    const took = WORST.map(([before, unit]) => ({ unit, ms: msFor((before + unit.repeat(LONG)).slice(0, LONG)) }));
    console.error(took.map(({ unit, ms }) => `${JSON.stringify(unit)} ${ms.toFixed(0)} ms`).join(", "));
    slowest.push(Math.max(...took.map(({ ms }) => ms)));
  }
  const name = "the slowest answer of 50,000 characters, made into messages";
  return [{ name, unit: "ms", goal: { atMost: 100 }, samples: slowest.slice(1) }]; // the first round compiles
}

function msFor(text: string): number {
  const startedAt = performance.now();
  toParts(text, "markdown");
  return performance.now() - startedAt;
}
