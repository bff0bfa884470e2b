import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "../../shared/database.ts";
import { initSchema } from "../../shared/schema.ts";
import { seedYear } from "./seed.ts";

/** npm run seed -- --events 1000000 --out state: a database of one year, to look at pages and commands with. */

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    out: { type: "string", default: "state" },
    seed: { type: "string", default: "1" },
  },
});
const [events, seed] = [Number(values.events), Number(values.seed)];
const file = join(resolve(values.out), "lastgood.db");
if (!(events >= 1) || !Number.isInteger(seed)) {
  console.error("usage: npm run seed -- [--events 1000000] [--out state] [--seed 1]");
  process.exit(64);
}
if (existsSync(file)) {
  console.error(`${file} exists already: choose another directory with --out.`);
  process.exit(73);
}

mkdirSync(resolve(values.out), { recursive: true });
const startedAt = performance.now();
const db = openDatabase(file);
initSchema(db);
const made = seedYear(db, { events, seed, now: Date.now() });
db.pragma("wal_checkpoint(TRUNCATE)");
const megabytes = (Number(db.pragma("page_count", { simple: true })) * 4096) / 1e6;
db.close();
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${made.events} events, ${made.messages} messages and ${made.workers} workers of one year (seed ${seed}): ${file}, ${megabytes.toFixed(0)} MB, in ${seconds.toFixed(1)} s`,
);
