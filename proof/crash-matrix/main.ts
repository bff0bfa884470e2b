import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { endedOtherwise, storyOf, withUncertainty } from "./log-facts.ts";
import { runMatrix } from "./matrix.ts";
import { marksIn } from "./numbered.ts";
import { judge } from "./verdict.ts";

/** npm run crash-matrix -- --kills 1000 --messages 2000 --seed 1 --faults: exits with 1 unless every answer came, in order. */

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    messages: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    faults: { type: "boolean", default: false },
  },
});
const settings = {
  kills: Number(values.kills),
  messages: Number(values.messages),
  seed: Number(values.seed),
  withFaults: values.faults,
};

const run = await runMatrix(settings);
const { asked } = run.people;
const arrived = run.people.arrived();
const verdict = judge(withUncertainty(run.db, asked), arrived);
const unnumbered = arrived.filter(({ text }) => marksIn(text).length === 0).length;
const otherwise = endedOtherwise(run.db);
const problems = {
  lost: verdict.lost,
  "answered twice, and not marked": verdict.unmarked,
  "out of order": verdict.outOfOrder,
};

console.log(`messages in            ${asked.length}`);
console.log(`answered               ${verdict.answered}`);
console.log(`lost                   ${verdict.lost.length}`);
console.log(`answered twice         ${verdict.twice.length}`);
console.log(`  marked uncertain     ${verdict.twice.length - verdict.unmarked.length}`);
console.log(`  unmarked             ${verdict.unmarked.length}`);
console.log(`out of order           ${verdict.outOfOrder.length}`);
console.log(`set aside, failed, …   ${JSON.stringify(otherwise)}`);
console.log(`without a number       ${unnumbered} (error lines, and drafts that a killed worker left empty)`);
console.log(`workers that crashed   ${run.crashes.length}${run.crashes.length ? `: ${run.crashes.join(", ")}` : ""}`);
console.log(`faults of Telegram     ${run.faults}`);
console.log(`seconds                ${run.seconds.toFixed(1)}, seed ${settings.seed}`);
console.log(`secrets found          ${run.leaks.length}`);
for (const leak of run.leaks.slice(0, 10)) console.log(`  ${leak}`);
for (const [boundary, count] of run.kills) console.log(`  ${String(count).padStart(5)} killed ${boundary}`);
if (run.unreachable.size > 0) console.log(`never came by: ${[...run.unreachable].join(", ")}`);
for (const [problem, numbers] of Object.entries(problems)) {
  for (const question of asked.filter(({ number }) => numbers.slice(0, 3).includes(number))) {
    console.log(`${problem}:\n${storyOf(run.db, question)}`);
  }
}

const failed = Object.values(problems).some((numbers) => numbers.length > 0);
const isSound =
  !failed &&
  run.leaks.length === 0 &&
  run.crashes.length === 0 &&
  run.isFinished &&
  Object.keys(otherwise).length === 0;
run.db.close();
if (isSound) rmSync(run.directory, { recursive: true });
else console.log(`see ${run.directory}`);
process.exit(isSound ? 0 : 1);
