import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock, type FakeClock } from "../../../shared/fake-clock.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createReplacements } from "./replaced-in-vain.ts";

let journal: TemporaryDatabase;
let clock: FakeClock;
let replacements: ReturnType<typeof createReplacements>;
beforeEach(() => {
  journal = temporaryDatabase();
  clock = createFakeClock();
  replacements = createReplacements(journal.db, clock);
});
afterEach(() => journal.remove());

const damaged = { kind: "damaged", reason: "lastgood.db is gone" } as const;
const kindOfDamage = () => replacements.inItsTime(damaged).kind;
const spawn = () =>
  logEvent(journal.db, null, EventType.WorkerSpawned, {
    ...{ pid: 7, instance: "1.1", container_id: "c", revision: "worker:a", image_id: "sha256:a" },
  });

test("a file that breaks though no worker has run since it was made is made anew after half a minute", () => {
  expect(kindOfDamage()).toBe("damaged");
  replacements.note();
  expect(replacements.inItsTime(damaged)).toEqual({
    kind: "refused",
    reason: expect.stringMatching(/^lastgood.db is gone; .*see who else writes there$/),
  });
  clock.advance(29_999);
  expect(kindOfDamage()).toBe("refused");
  clock.advance(1);
  expect(kindOfDamage()).toBe("damaged");
});

test("a worker that has run since may have broken it: it is made anew at once", () => {
  spawn();
  replacements.note();
  expect(kindOfDamage()).toBe("refused");
  spawn();
  expect(kindOfDamage()).toBe("damaged");
});

test("any other trouble stays what it is", () => {
  replacements.note();
  const locked = { kind: "locked", reason: "somebody holds it" } as const;
  expect(replacements.inItsTime(locked)).toEqual(locked);
});
