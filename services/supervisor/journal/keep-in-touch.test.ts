import { expect, test } from "@jest/globals";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { createBell } from "../bell.ts";
import { keepInTouch } from "./keep-in-touch.ts";

function started() {
  const clock = createFakeClock();
  const bell = createBell(clock);
  const ended = new AbortController();
  const told: string[] = [];
  const turn = async () => void told.push("turn");
  const done = keepInTouch({ turn }, { bell, tell: () => told.push("tell") }, ended.signal);
  return { clock, bell, ended, told, done };
}

test("it turns and tells at once, as it rings, and every two seconds, and ends when it is asked to", async () => {
  const { clock, bell, ended, told, done } = started();
  await clock.asleep();
  expect(told.splice(0)).toEqual(["turn", "tell"]);
  bell.ring();
  await clock.asleep();
  await new Promise(setImmediate);
  expect(told.splice(0)).toEqual(["turn", "tell"]);
  clock.advance(1999);
  await new Promise(setImmediate);
  expect(told.splice(0)).toEqual([]);
  clock.advance(1);
  await new Promise(setImmediate);
  expect(told.splice(0)).toEqual(["turn", "tell"]);
  ended.abort();
  await done;
  expect(told).toEqual([]);
});
