import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";

const TYPE_OF_ENDING: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Of packages; their browser builds are served as they lie in node_modules. */
const VENDORS = ["uplot/dist/uPlot.esm.js", "uplot/dist/uPlot.min.css"];

/** The files that the browser loads, as they lie here: no bundle, and nothing in them is anybody's. */
export function createAssets(): Hono {
  const app = new Hono();
  const serve = (name: string, file: string) => {
    const type = TYPE_OF_ENDING[extname(name)];
    if (type === undefined) return;
    const content = readFileSync(file, "utf8");
    app.get(`/${name}`, (c) => c.body(content, 200, { "Content-Type": type }));
  };
  for (const name of readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })) {
    serve(name, join(import.meta.dirname, name));
  }
  for (const name of VENDORS) serve(name, fileURLToPath(import.meta.resolve(name)));
  return app;
}
