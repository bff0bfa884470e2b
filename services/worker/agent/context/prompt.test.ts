import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { SetupError } from "../../../../shared/setup-error.ts";
import { readPrompt } from "./prompt.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-"));
  file = join(directory, "prompt.md");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the prompt is what the file says, and without a file the built-in one", () => {
  writeFileSync(file, "\nYou are a pirate.\n");
  expect(readPrompt(file, 1000)).toBe("You are a pirate.");
  expect(readPrompt(null, 1000)).toMatch(/helpful assistant/);
});

test("a file that is missing, empty, no file or too long is a setup error that names it", () => {
  const problem = (path: string) => {
    try {
      return readPrompt(path, 1000);
    } catch (error) {
      return error;
    }
  };
  expect(problem(file)).toBeInstanceOf(SetupError);
  expect(problem(file)).toMatchObject({ message: expect.stringContaining(`${file} cannot be read (ENOENT)`) });
  expect(problem(directory)).toMatchObject({ message: expect.stringContaining("(EISDIR)") });
  writeFileSync(file, " \n");
  expect(problem(file)).toMatchObject({ message: expect.stringContaining("is empty") });
  writeFileSync(file, "x".repeat(1501));
  expect(problem(file)).toMatchObject({
    message: expect.stringContaining("has about 501 tokens, and 500 is the most"),
  });
});
