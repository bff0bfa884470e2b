import { expect, test } from "@jest/globals";
import {
  reasonOf,
  refusedByEngine,
  unlessBeingRemoved,
  unlessMissing,
  unlessNoImage,
  unlessUnchanged,
} from "./engine-refusals.ts";

const refusal = (statusCode: number) => Object.assign(new Error(`refused with ${statusCode}`), { statusCode });
const noAnswer = Object.assign(new Error("connect ENOENT"), { code: "ENOENT" });
const others = [refusal(400), refusal(404), refusal(409), refusal(500), refusal(304), noAnswer];

/** Each lets one refusal pass; whatever else the engine says, or that it says nothing, is an error. */
const passing = [
  ["missing", unlessMissing, 404],
  ["already in the state that was asked for", (caught: Promise<unknown>) => caught.catch(unlessUnchanged), 304],
  ["being removed", (caught: Promise<unknown>) => caught.catch(unlessBeingRemoved), 409],
] as const;

test.each(passing)("that something is %s is an answer, and nothing else is", async (_, pass, status) => {
  for (const error of others) {
    const outcome = pass(Promise.reject(error));
    if ("statusCode" in error && error.statusCode === status) expect((await outcome) ?? null).toBeNull();
    else await expect(outcome).rejects.toBe(error);
  }
});

test("an image that the router, or the engine, takes for none is not here", async () => {
  for (const status of [301, 400, 404]) expect(await unlessNoImage(Promise.reject(refusal(status)))).toBeNull();
  for (const error of [refusal(409), refusal(500), noAnswer]) {
    await expect(unlessNoImage(Promise.reject(error))).rejects.toBe(error);
  }
});

test("what is there comes through", async () => {
  expect(await unlessMissing(Promise.resolve({ Id: "c" }))).toEqual({ Id: "c" });
});

test("any refusal is one of the engine's; that it did not answer is none", () => {
  expect(() => refusedByEngine(refusal(500))).not.toThrow();
  expect(() => refusedByEngine(noAnswer)).toThrow("connect ENOENT");
});

test("a reason is in the engine's own words, without what the client puts before them", () => {
  const message = "(HTTP code 500) server error - failed to create task (HTTP code 9) - no such file \n";
  expect(reasonOf(new Error(message))).toBe("failed to create task (HTTP code 9) - no such file");
  expect(reasonOf(new Error("the engine - it hangs"))).toBe("the engine - it hangs");
  expect(reasonOf(new Error("seen: (HTTP code 500) server error - x"))).toBe("seen: (HTTP code 500) server error - x");
  expect(reasonOf("a text")).toBe("a text");
});
