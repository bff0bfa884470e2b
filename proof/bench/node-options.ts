import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Node's options on the last line of a Dockerfile, or of a script, that starts a program: what is measured is what people run. */
export function nodeOptionsOf(file: string, program: string): string[] {
  const lines = readFileSync(resolve(import.meta.dirname, "../..", file), "utf8").split("\n");
  const start = lines.findLast((line) => line.includes("node") && line.includes(program));
  if (!start) throw new Error(`${file} does not start ${program}`);
  return start.match(/--[a-z0-9-]+(=\d+)?/g) ?? [];
}
