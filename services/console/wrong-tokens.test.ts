import { beforeEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createWrongTokens, type WrongTokens } from "./wrong-tokens.ts";

let now: number;
let logged: { msg: string; address: string; wrong?: number }[];
let wrong: WrongTokens;
beforeEach(() => {
  now = 0;
  logged = [];
  const logger = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  wrong = createWrongTokens({ monotonicMs: () => now }, logger);
});

function note(times: number, address = "192.0.2.1") {
  for (let time = 0; time < times; time += 1) wrong.note(address);
}

test("an address has five tries in a minute, then waits for the minute's end", () => {
  note(4);
  expect(wrong.secondsToWait("192.0.2.1")).toBeNull();
  note(1);
  now = 20_500;
  expect([wrong.secondsToWait("192.0.2.1"), wrong.secondsToWait("192.0.2.2")]).toEqual([40, null]);
  now = 60_000;
  expect(wrong.secondsToWait("192.0.2.1")).toBeNull();
});

test("once a hundred are wrong in all, an address has one try; a new one still has it", () => {
  for (let host = 0; host < 100; host += 1) note(1, `198.51.100.${host}`);
  expect(wrong.secondsToWait("198.51.100.7")).toBe(60);
  expect(wrong.secondsToWait("192.0.2.1")).toBeNull();
});

test("whoever has a whole network of IPv6 has the tries of one address", () => {
  for (let host = 1; host <= 5; host += 1) note(1, `2001:db8::${host}:1:2:3`);
  expect(wrong.secondsToWait("2001:db8:0:0:9:9:9:9")).toBe(60);
  expect(wrong.secondsToWait("2001:db8:0:1::1")).toBeNull();
});

test("more addresses than are remembered count as one", () => {
  for (let host = 0; host < 10_001; host += 1) note(1, `host ${host}`);
  expect([wrong.secondsToWait("host 20000"), wrong.secondsToWait("host 20001")]).toEqual([60, 60]);
});

test("an interval has two lines in the log, however many tokens are wrong", () => {
  for (const minute of [0, 1]) {
    now = minute * 60_000;
    note(1000);
    for (let time = 0; time < 1000; time += 1) wrong.secondsToWait("192.0.2.1");
  }
  const lines = [
    ["somebody gave a wrong token", undefined],
    ["too many wrong tokens: they are not looked at", 1000],
  ];
  expect(logged.map(({ msg, wrong: count }) => [msg, count])).toEqual([...lines, ...lines]);
});
