import type { Values } from "../../../shared/config.ts";
import type { workerSettings } from "../settings.ts";
import { type BudgetSettings, requirePrices } from "./daily-budget.ts";
import { readPrices } from "./prices.ts";

type Given = Pick<
  Values<typeof workerSettings>,
  "DAILY_BUDGET_USD" | "MODEL_PRICES_FILE" | "OPENAI_MODEL" | "OPENAI_FALLBACK_MODELS"
>;

/** The budget, with the prices as they are now. Throws a SetupError when it could not be kept. */
export function budgetSettings(given: Given): BudgetSettings {
  const budget = { prices: readPrices(given.MODEL_PRICES_FILE), dailyBudgetUsd: given.DAILY_BUDGET_USD };
  requirePrices([given.OPENAI_MODEL, ...given.OPENAI_FALLBACK_MODELS], budget);
  return budget;
}
