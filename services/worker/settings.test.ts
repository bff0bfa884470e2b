import { expect, test } from "@jest/globals";
import { readSettings } from "../../shared/config.ts";
import { workerSettings } from "./settings.ts";

const { OPENAI_API_KEY, OPENAI_FALLBACK_MODELS } = workerSettings;

test.each(["sk-ключ", "sk-a b", "sk-a\nb"])(
  "a key that no HTTP header can carry is refused at the start: %j",
  (key) => {
    expect(() => readSettings({ OPENAI_API_KEY }, { OPENAI_API_KEY: key })).toThrow(/^OPENAI_API_KEY is not valid/m);
  },
);

test.each([
  ["", []],
  ["small", ["small"]],
  ["small, vendor/large:free", ["small", "vendor/large:free"]],
])("fallback models “%s” are %j", (list, models) => {
  const read = readSettings({ OPENAI_FALLBACK_MODELS }, { OPENAI_FALLBACK_MODELS: list });
  expect(read.OPENAI_FALLBACK_MODELS).toEqual(models);
});

test.each([",", "a,,b", "a b"])("“%s” is no list of models", (list) => {
  expect(() => readSettings({ OPENAI_FALLBACK_MODELS }, { OPENAI_FALLBACK_MODELS: list })).toThrow(/OPENAI_FALLBACK/);
});
