import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ownValue } from "../../../shared/own-value.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import type { CountedTokens } from "./spending.ts";

/** US dollars for a million tokens. */
const priceSchema = z.object({
  input: z.number().nonnegative(),
  cached_input: z.number().nonnegative(),
  output: z.number().nonnegative(),
});
const pricesSchema = z.object({ version: z.string(), usd_per_million_tokens: z.record(z.string(), priceSchema) });

export type Price = z.infer<typeof priceSchema>;
export type PriceList = z.infer<typeof pricesSchema>;

/** The prices that come along; a provider changes its own, so an operator may give a file of the same shape. */
const BUILT_IN = join(import.meta.dirname, "prices.json");

/** Reads the prices. Throws a SetupError when the operator's file cannot be read, or says something else. */
export function readPrices(file: string | null): PriceList {
  try {
    return pricesSchema.parse(JSON.parse(readFileSync(file ?? BUILT_IN, "utf8")));
  } catch (cause) {
    if (file === null) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new SetupError([`MODEL_PRICES_FILE (${file}) is no list of prices: ${reason}. ${SHAPE}`], { cause });
  }
}

const SHAPE =
  'It has the shape {"version": "…", "usd_per_million_tokens": {"the-model": {"input": 1, "cached_input": 0.1, "output": 4}}}.';

/** A model's price, or null; a dated snapshot, as gpt-5-mini-2025-08-07, costs what its model does. */
export function priceOf(model: string, { usd_per_million_tokens: prices }: PriceList): Price | null {
  const undated = model.replace(/-\d{4}-\d{2}-\d{2}$/, "");
  return ownValue(prices, model) ?? ownValue(prices, undated) ?? null;
}

/** What so many tokens cost, in US dollars; null when the provider did not count. */
export function costUsd(price: Price, { inputTokens, cachedTokens, outputTokens }: CountedTokens): number | null {
  if (inputTokens === null || outputTokens === null) return null;
  const cached = Math.min(cachedTokens ?? 0, inputTokens);
  const micro = (inputTokens - cached) * price.input + cached * price.cached_input + outputTokens * price.output;
  return micro / 1_000_000;
}
