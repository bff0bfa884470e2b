import { z } from "zod";
import type { Parameters } from "./answer.ts";

/** Telegram reads a number from a text too, and takes what is none as absent. */
export function wholeNumber(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name];
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

export function textOf(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : "";
}

/** A structure is JSON within a form, and itself within a JSON body. */
export function structure<T>(parameters: Parameters, name: string, schema: z.ZodType<T>): z.ZodSafeParseResult<T> {
  const value = parameters[name];
  return schema.safeParse(typeof value === "string" ? parsedJson(value) : value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema here accepts it, which is the answer to give
  }
}

export const entitiesSchema = z.array(
  z.object({
    type: z.string(),
    offset: z.int().min(0),
    length: z.int().min(0),
    url: z.string().optional(),
    language: z.string().optional(),
  }),
);

export const keyboardSchema = z.object({
  inline_keyboard: z.array(
    z.array(
      z
        .object({ text: z.string().min(1), callback_data: z.string().optional(), url: z.string().optional() })
        .refine((button) => button.callback_data !== undefined || button.url !== undefined),
    ),
  ),
});

export const replySchema = z.looseObject({ message_id: z.union([z.int(), z.string()]) });

export const commandsSchema = z
  .array(z.object({ command: z.string().regex(/^\/?[a-z0-9_]{1,32}$/), description: z.string().min(1).max(256) }))
  .max(100);
