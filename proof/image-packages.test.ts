import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

const ROOT = resolve(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const packages: readonly string[] = Object.keys(JSON.parse(read("package.json")).dependencies);

test.each(["Dockerfile.worker", "Dockerfile.supervisor"])(
  "%s installs the packages that its services import",
  (file) => {
    const dockerfile = read(file);
    const removed = [...dockerfile.matchAll(/ dependencies\.(\S+)/g)].map(([, name]) => name ?? "");
    const directories = [...dockerfile.matchAll(/^COPY (shared|services\/\w+) /gm)].map(
      ([, directory]) => directory ?? "",
    );
    const sources = directories.flatMap(sourcesIn);
    const imported = packages.filter((name) => sources.some((source) => names(source, name)));
    expect(packages.filter((name) => !removed.includes(name))).toEqual(imported);
  },
);

/** In an import, or where its files are served: "uplot/dist/uPlot.min.css". A type alone is no import. */
function names(source: string, name: string): boolean {
  const code = source.replace(/^import type [^;]*;/gm, "");
  return code.includes(`"${name}"`) || code.includes(`"${name}/`);
}

function sourcesIn(directory: string): readonly string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !/\.test\.ts$|(^|\/)(fake|temporary)-/.test(name))
    .map((name) => read(join(directory, name)));
}
