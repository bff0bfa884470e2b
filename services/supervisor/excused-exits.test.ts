import { expect, test } from "@jest/globals";
import type { Exit } from "../../shared/worker-state.ts";
import { withoutExcused } from "./excused-exits.ts";
import { verdictOn } from "./verdict.ts";

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2030, 0, 1, 12);
const POLICY = { crashThreshold: 3, crashWindowSeconds: 60, restartMaxMs: 300_000, healthySeconds: 600 };

const exit = (eventId: number, change: Partial<Exit> = {}): Exit => ({
  eventId,
  at: NOON + eventId * MINUTE_MS,
  instance: `1.${eventId}`,
  imageId: "sha256:a",
  class: "hang",
  readySeconds: 5,
  startedAt: null,
  finishedAt: null,
  ...change,
});
const newestFirst = (...exits: Exit[]) => exits.reverse();
const claim = (...exits: number[]) => ({ exits, at: NOON + (Math.max(...exits) + 1) * MINUTE_MS });
const ids = (exits: readonly Exit[]) => exits.map(({ eventId }) => eventId);

test("two hangs at one message, which ran alone, do not take a promoted revision down", () => {
  const exits = newestFirst(exit(1), exit(2));
  const run = { promoted: true, exits, brokeTheState: false, filledTheDisk: false, predecessorPolled: true };
  expect(verdictOn(run, POLICY)).toMatchObject({ kind: "hangs" });
  expect(verdictOn({ ...run, exits: withoutExcused(exits, [claim(1, 2)], true) }, POLICY)).toBeNull();
});

test.each(["crash", "out of memory"] as const)("nor do two exits as %s, and those beside them still count", (as) => {
  const exits = newestFirst(exit(1, { class: as }), exit(2, { class: as }), exit(3), exit(4));
  expect(ids(withoutExcused(exits, [claim(1, 2)], true))).toEqual([4, 3]);
});

test("a revision on probation is not excused by what its own worker says", () => {
  const exits = newestFirst(exit(1), exit(2));
  expect(withoutExcused(exits, [claim(1, 2)], false)).toEqual(exits);
});

test.each(["configuration", "never ready", "start failed", "upstream"] as const)(
  "an exit that no message causes (%s) is not excused",
  (as) => {
    const exits = newestFirst(exit(1, { class: as }));
    expect(withoutExcused(exits, [claim(1)], true)).toEqual(exits);
  },
);

test("a claim excuses nothing that it does not name, that came after it, or that was long before", () => {
  const exits = newestFirst(exit(1), exit(2), exit(90));
  expect(ids(withoutExcused(exits, [claim(99)], true))).toEqual([90, 2, 1]);
  expect(ids(withoutExcused(exits, [{ exits: [2], at: NOON }], true))).toEqual([90, 2, 1]);
  expect(ids(withoutExcused(exits, [claim(1, 90)], true))).toEqual([2, 1]);
});

test("who has a message to blame for each exit is excused six times an hour, the seventh counts", () => {
  const exits = newestFirst(...[1, 2, 3, 4, 5, 6, 7, 8].map((id) => exit(id)));
  const claims = [1, 3, 5, 7].map((id) => claim(id, id + 1));
  expect(ids(withoutExcused(exits, claims, true))).toEqual([8, 7]);
  const later = exit(61.5);
  expect(ids(withoutExcused([later, ...exits], [...claims, claim(61.5)], true))).toEqual([8, 7]);
});

test("a claim excuses from the moment of the exit to an hour after it, not a moment longer", () => {
  const hung = exit(1);
  const claimedAfter = (ms: number) => [{ exits: [1], at: hung.at + ms }];
  const isExcused = (ms: number) => withoutExcused([hung], claimedAfter(ms), true).length === 0;
  expect([-1, 0, 60 * MINUTE_MS, 60 * MINUTE_MS + 1].map(isExcused)).toEqual([false, true, true, false]);
});

test("an hour after the first of six that were excused, one more is", () => {
  const six = [1, 2, 3, 4, 5, 6].map((id) => exit(id));
  const isExcused = (id: number) => withoutExcused([exit(id), ...six.toReversed()], claims(id), true).length === 0;
  const claims = (id: number) => [claim(1, 2), claim(3, 4), claim(5, 6), claim(id)];
  expect([60.5, 61, 61.5].map(isExcused)).toEqual([false, true, true]);
});
