import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { must } from "../e2e/command.ts";
import { measureArchive } from "./archive.ts";
import { measureConsole } from "./console.ts";
import type { Measurement } from "./measurement.ts";
import { measureRestart, measureSupervisor } from "./supervisor.ts";
import { table } from "./table.ts";
import { measureWorker } from "./worker.ts";

/**
 * npm run bench -- supervisor --samples 10, worker --samples 5, console --samples 6, or archive --samples 2: takes about
 * half a minute for each sample; restart, the supervisor's after a death alone, a third of that.
 */

const BENCHMARKS: Readonly<Record<string, (samples: number) => Promise<readonly Measurement[]>>> = {
  supervisor: measureSupervisor,
  restart: measureRestart,
  worker: measureWorker,
  console: measureConsole,
  archive: measureArchive,
};

const options = { samples: { type: "string", default: "10" } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const measure = BENCHMARKS[positionals[0] ?? ""];
const samples = Number(values.samples);
if (!measure || !(samples >= 1)) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join(" | ")} [--samples 10]`);
  process.exit(64);
}

const measurements = await measure(samples);
const engine = await must("docker", ["version", "--format", "{{.Server.Version}}"]);
console.log(table(measurements));
console.log(
  `\n${samples} samples, Node ${process.versions.node}, Docker Engine ${engine}, ${availableParallelism()} cores`,
);
