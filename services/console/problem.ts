import type { Context } from "hono";
import { problemPage } from "./pages/problem.ts";

const TITLES = {
  400: "This cannot be asked for",
  404: "There is no such page",
  409: "Not now",
  413: "That is too much",
  429: "Not so fast",
  500: "The console failed at this",
} as const;

/** What is wrong, in words: a page for a browser that asked for one, `{ error }` for a program. */
export function problem(c: Context, status: keyof typeof TITLES, error: string): Response | Promise<Response> {
  const isBrowser = c.req.header("accept")?.includes("text/html") ?? false;
  return isBrowser ? c.html(problemPage(TITLES[status], error), status) : c.json({ error }, status);
}
