import { expect, test } from "@jest/globals";
import { imageReference, wholeNumberFrom } from "./option-values.ts";

test.each([
  "host",
  "worker:v2",
  "ghcr.io/me/lastgood-worker:1.2.3",
  "localhost:5000/worker:v2",
  "[::1]:5000/worker",
  `worker@sha256:${"0a".repeat(32)}`,
  `sha256:${"0a".repeat(32)}`,
  "a__b/c-d.e:_Tag-1.x",
])("%s is an image reference", (reference) => {
  expect(imageReference(reference)).toBe(reference);
});

test.each([
  "",
  " ",
  "Worker:v2",
  "worker:",
  "worker:a b",
  "worker:-v",
  "--force",
  "http://x/y",
  "worker@sha256:12",
  `${"a/".repeat(300)}b`,
])("%p is none", (reference) => {
  expect(() => imageReference(reference)).toThrow("It must be an image reference such as lastgood-worker:v2.");
});

test("a whole number is digits alone, and large enough", () => {
  const count = wholeNumberFrom(1);
  expect(count("12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "1e3", "", "many", "9".repeat(20)]) {
    expect(() => count(text)).toThrow("It must be a whole number of at least 1.");
  }
});
