import { z } from "zod";
import { custom } from "./config.ts";

/** The worker keeps to it, and the console draws it. */
export const dailyBudgetUsd = custom<number | null>({
  schema: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional()
    .transform((usd) => (usd === undefined ? null : Number(usd)))
    .pipe(z.number().positive().nullable()),
  about: "What the model may cost in a day (UTC), in US dollars: a hard cap. Unset: no cap.",
  expected: "an amount such as 2.50",
  default: null,
});
