import { expect, test } from "@jest/globals";
import { applyMutant, mutantsOf } from "./mutants.ts";

const changesOf = (source: string) => mutantsOf("some.ts", source).map(({ change }) => change);

test("a comparison is tried at its boundary and turned round", () => {
  expect(changesOf("export const isLate = (at: number, now: number) => at < now;")).toEqual([
    "at < now → at <= now",
    "at < now → at >= now",
  ]);
});

test("each condition of a row is dropped once", () => {
  expect(changesOf("const both = a && (b || c);")).toEqual([
    "a && (b || c) → a",
    "a && (b || c) → (b || c)",
    "b || c → b",
    "b || c → c",
  ]);
});

test("a guard is dropped, and what it asks is turned round", () => {
  expect(changesOf("function first(list: string[]) { if (!list) return null; return list[0]; }")).toEqual([
    "drop if (!list) return null;",
    "!list → list",
    "0 → 1",
  ]);
  expect(changesOf("if (isOver) stop();")).toEqual(["drop if (isOver) stop();", "isOver → !isOver"]);
  expect(changesOf("{ stop(); leave(); }")).toEqual(["drop stop();", "drop leave();"]);
});

test("a fallback, a choice, a truth and a quantifier are each tried without or the other way", () => {
  expect(changesOf("const x = a ?? b;")).toEqual(["a ?? b → a"]);
  expect(changesOf("const x = a ? b : c;")).toEqual(["a ? b : c → b", "a ? b : c → c"]);
  expect(changesOf("const x = { kept: true };")).toEqual(["true → false"]);
  expect(changesOf("const x = list.some(isOpen);")).toEqual(["list.some(isOpen) → list.every(isOpen)"]);
});

test("a count is tried one off, a measure at twice and half of it", () => {
  expect(changesOf("const attempts = 3;")).toEqual(["3 → 4", "3 → 2"]);
  expect(changesOf("const patienceMs = 30_000;")).toEqual(["30_000 → 60000", "30_000 → 15000"]);
});

test("a type is not code, but what a cast holds is", () => {
  expect(changesOf("type Digit = 0 | 1; interface Row { readonly kept: true } const x: 1 = one as 1;")).toEqual([]);
  expect(changesOf("const x = (a > b) as boolean;")).toEqual(["a > b → a >= b", "a > b → a <= b"]);
});

test("a change replaces its place alone, and names the line it stands on", () => {
  const source = "const limit = 3;\n\nexport function isOver(count: number) {\n  return count > limit;\n}\n";
  const boundary = mutantsOf("some.ts", source).find(({ replacement }) => replacement === ">=");
  if (!boundary) throw new Error("no change of the boundary");
  expect(boundary).toMatchObject({
    line: 4,
    lineText: "return count > limit;",
    change: "count > limit → count >= limit",
  });
  expect(applyMutant(source, boundary)).toBe(source.replace(">", ">="));
});
