import { expect, test } from "@jest/globals";
import { type CallMade, findStall } from "./progress.ts";

const call = (tool: string, given: string, output: string): CallMade => ({ tool, arguments: given, output });

test("the same call with the same result is a circle the third time, wherever it stands", () => {
  const same = call("recall", "{}", "Nothing was found.");
  const other = call("current_time", "{}", "noon");
  expect(findStall([[same], [same]])).toBeNull();
  expect(findStall([[same], [same, other], [same]])).toEqual({ reason: "the same call again", turns: 3 });
  expect(findStall([[same, same, same]])).toEqual({ reason: "the same call again", turns: 1 });
});

test("the same call with another result each time is progress", () => {
  expect(findStall(["1", "2", "3", "4", "5"].map((time) => [call("current_time", "{}", time)]))).toBeNull();
});

test("four turns in a row without an output that was not seen before go nowhere", () => {
  const rounds = ["a", "b", "c", "d", "e"].map((query) => [call("recall", query, "Nothing was found.")]);
  expect(findStall(rounds.slice(0, 4))).toBeNull();
  expect(findStall(rounds)).toEqual({ reason: "nothing new", turns: 5 });
  const news = [call("recall", "f", "found at last")];
  expect(findStall([...rounds.slice(0, 4), news, ...rounds.slice(4)])).toBeNull();
});
