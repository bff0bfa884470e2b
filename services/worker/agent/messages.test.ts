import { expect, test } from "@jest/globals";
import { errorLine } from "./messages.ts";

test("an error line says why in plain words and where to look", () => {
  expect(errorLine("timeout", 12)).toBe("I could not answer: the model took too long. (Reference 12)");
  expect(errorLine("a reason of another image", 12)).toBe("I could not answer: something went wrong. (Reference 12)");
});
