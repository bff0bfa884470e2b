import { expect, test } from "@jest/globals";
import { updatesOf } from "./updates.ts";
import { feedWorker } from "./worker-under-fire.ts";

/** A few; `npm run fuzz -- worker --updates 20000` feeds as many as there is time for. */
test("whatever comes instead of an update, the worker lives, what can be confirmed has a row, and the offset goes on", async () => {
  const updates = updatesOf(1, 1000, 1000);
  const { exitCode, rows, missing, offset } = await feedWorker(updates);
  expect({ exitCode, missing, offset }).toEqual({ exitCode: 0, missing: [], offset: 2000 });
  expect(rows).toBe(updates.filter(({ usable }) => usable).length);
});
