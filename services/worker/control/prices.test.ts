import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { costUsd, priceOf, readPrices } from "./prices.ts";

const PRICE = { input: 2, cached_input: 0.5, output: 8 };

test("cached tokens are a part of the input, and cheaper", () => {
  const usd = costUsd(PRICE, { inputTokens: 1_000_000, cachedTokens: 400_000, outputTokens: 500_000 });
  expect(usd).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8, 10);
});

test("what the provider did not count has no cost that is known", () => {
  expect(costUsd(PRICE, { inputTokens: null, cachedTokens: null, outputTokens: 5 })).toBeNull();
});

test("a dated snapshot costs what its model does; an unknown model has no price", () => {
  const list = { version: "1", usd_per_million_tokens: { "gpt-5-mini": PRICE } };
  expect(priceOf("gpt-5-mini-2025-08-07", list)).toBe(PRICE);
  for (const name of ["another", "constructor", "__proto__", "toString-2025-08-07"]) {
    expect(priceOf(name, list)).toBeNull();
  }
});

test("the list that comes along has the model that is asked by default", () => {
  expect(priceOf("gpt-5-mini", readPrices(null))).not.toBeNull();
});

test("a list of the operator's own that says something else is named, with the shape it must have", () => {
  const file = join(tmpdir(), `prices-${process.pid}.json`);
  writeFileSync(file, '{"version": "1", "usd_per_million_tokens": {"m": {"input": -1}}}');
  expect(() => readPrices(file)).toThrow(/MODEL_PRICES_FILE.*input.*It has the shape/s);
  expect(() => readPrices(`${file}.missing`)).toThrow(/MODEL_PRICES_FILE/);
});
