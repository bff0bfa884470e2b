import type { Context } from "hono";
import type { z } from "zod";

export type Body<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly response: Response };

/** The JSON body of a request, checked, or the 400 that says in words what is wrong with it. */
export async function readJson<T>(c: Context, schema: z.ZodType<T>): Promise<Body<T>> {
  const refuse = (error: string): Body<T> => ({ ok: false, response: c.json({ error }, 400) });
  let given: unknown;
  try {
    given = JSON.parse(await c.req.text());
  } catch {
    return refuse("The body is not JSON.");
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, value: parsed.data };
  return refuse(parsed.error.issues.map(({ path, message }) => [...path, message].join(": ")).join(" "));
}
