import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Node's options on the last line of a Dockerfile that starts a program: what is measured is what people run. */
export function nodeOptionsOf(dockerfile: string, program: string): string[] {
  const lines = readFileSync(resolve(import.meta.dirname, "../..", dockerfile), "utf8").split("\n");
  const start = lines.findLast((line) => line.includes("node") && line.includes(program));
  if (!start) throw new Error(`${dockerfile} does not start ${program}`);
  return start.match(/--[a-z0-9-]+(=\d+)?/g) ?? [];
}
