import { expect, test } from "@jest/globals";
import { isImageReference } from "./image-reference.ts";

test("an image reference may be as long as 512 characters, and no longer", () => {
  expect(isImageReference("a".repeat(512))).toBe(true);
  expect(isImageReference("a".repeat(513))).toBe(false);
  expect(isImageReference("worker v2")).toBe(false);
});
