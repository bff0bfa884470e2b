import { expect, test } from "@jest/globals";
import { answerTo } from "./answer.ts";
import { writingMs } from "./completion.ts";

const asked = (content: string, ...tools: readonly object[]) =>
  answerTo({
    model: "m",
    messages: [{ role: "user", content }],
    tools: tools.map((offered) => ({ function: offered as { name: string } })),
  });
const clock = { name: "current_time", parameters: { properties: { zone: { type: "string" } } } };
const recall = {
  name: "recall",
  parameters: { properties: { limit: { type: "integer" }, words: { type: "string" } } },
};

test("what is said calls for the tool that fits, when it is offered", () => {
  expect(asked("What time is it?", recall, clock)).toEqual({ kind: "tool call", name: "current_time", input: "{}" });
  const recalled = { kind: "tool call", name: "recall", input: '{"words":"the tea"}' };
  expect(asked("recall the tea", clock, recall)).toEqual(recalled);
  expect(asked("Do you remember the tea?", clock, recall)).toEqual(recalled);
});

test.each([
  ["what time is it?", []],
  ["what time is it?", [recall]],
  ["recall the tea", [clock]],
  ["sometimes", [clock, recall]],
])("without a fitting tool, “%s” is quoted as ever", (said, tools) => {
  expect(asked(said, ...tools)).toMatchObject({ kind: "text", text: expect.stringMatching(/^You wrote: “/) });
});

test("slowly, the same is said a word at a time", () => {
  expect(asked("slowly say 3 words")).toEqual({ kind: "text", text: "word1 word2 word3", paceMs: 150 });
  expect(writingMs(asked("slowly say 3 words"))).toBe(450);
  expect(writingMs(asked("say 3 words"))).toBe(0);
});

test("a long answer takes several messages, and a while, but less than an agent waits", () => {
  const long = asked("long tea");
  expect(long.kind === "text" && long.text.length).toBeGreaterThan(4096);
  expect(long).toEqual(asked("long tea"));
  expect(writingMs(long)).toBeGreaterThan(5000);
  expect(writingMs(long)).toBeLessThan(30_000);
});
