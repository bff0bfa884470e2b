import { afterAll, beforeAll, test } from "@jest/globals";
import { actsOf } from "../../proof/fuzz/acts.ts";
import { runHostileSequence, withHarm } from "../../proof/fuzz/hostile.ts";
import { runSequence } from "../../proof/fuzz/sequence.ts";
import { compareTwins } from "../../proof/fuzz/twins.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";

/** A few seeds; `npm run fuzz -- supervisor --sequences 10000 --seed 1` runs as many as there is time for. */

let temporary: TemporaryDatabase;
beforeAll(() => {
  temporary = temporaryDatabase();
});
afterAll(() => temporary.remove());

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

test("whatever happens, in whatever order, the rules of the log and of the engine hold", async () => {
  for (const seed of seedsFrom(1, 25)) await runSequence(temporary.db, actsOf(seed));
});

test("wherever a supervisor dies, its successor ends with the same worker and the same facts", async () => {
  for (const seed of seedsFrom(1001, 20)) await compareTwins(temporary.db, actsOf(seed), seed);
});

test("whatever a worker does to the file that it shares, the same rules hold, and no row of the journal is lost", async () => {
  for (const seed of seedsFrom(1, 12)) await runHostileSequence(withHarm(actsOf(seed), seed));
});
