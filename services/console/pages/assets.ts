import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Hono } from "hono";

const TYPE_OF_ENDING: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The files that the browser loads, as they lie here: no bundle, and nothing in them is anybody's. */
export function createAssets(): Hono {
  const app = new Hono();
  for (const name of readdirSync(import.meta.dirname)) {
    const type = TYPE_OF_ENDING[extname(name)];
    if (type === undefined) continue;
    const content = readFileSync(join(import.meta.dirname, name), "utf8");
    app.get(`/${name}`, (c) => c.body(content, 200, { "Content-Type": type }));
  }
  return app;
}
