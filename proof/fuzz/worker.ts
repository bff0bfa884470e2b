import { parseArgs } from "node:util";
import { updatesOf } from "./updates.ts";
import { feedWorker } from "./worker-under-fire.ts";

/** npm run fuzz -- worker --updates 20000 --seed 1: exit code 1 unless each usable update has its row and the worker lives. */

const options = { updates: { type: "string", default: "20000" }, seed: { type: "string", default: "1" } } as const;
const { values } = parseArgs({ options, allowPositionals: true });
const updates = updatesOf(Number(values.seed), Number(values.updates), 1000);

const startedAt = performance.now();
const { exitCode, output, rows, missing, offset } = await feedWorker(updates);
const usable = updates.filter((update) => update.usable).length;
const end = 1000 + updates.length;
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`seed ${values.seed}, ${updates.length} updates, ${usable} usable, ${rows} rows, ${seconds} s`);
console.log(`the worker left with ${exitCode}; its offset was ${offset} of ${end}`);
for (const { update } of missing.slice(0, 5)) console.log(`has no row: ${JSON.stringify(update).slice(0, 300)}`);
const isSound = exitCode === 0 && missing.length === 0 && rows === usable && offset === end;
if (!isSound) console.log(output.split("\n").slice(-20).join("\n"));
process.exitCode = isSound ? 0 : 1;
