import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { expect, test } from "@jest/globals";

/** The layout's rules, held by a test that names the offender. Tests and fakes may import what they like. */

const ROOT = resolve(import.meta.dirname, "..");

/** A vendor, or a global, has one importer: to replace it is to change one file. */
const ONE_IMPORTER: Readonly<Record<string, string>> = {
  dockerode: "services/supervisor/docker/docker-engine.ts",
  grammy: "services/worker/telegram.ts",
  marked: "services/worker/delivery/metered-lexer.ts",
  openai: "services/worker/model/openai.ts",
  "better-sqlite3": "shared/database.ts",
  pino: "shared/logging.ts",
  "pino-pretty": "shared/logging.ts",
  "node:timers/promises": "shared/clock.ts",
  ulid: "shared/requests/put-request.ts",
};
const ONE_USER: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bprocess\.env\b/, "shared/config.ts"],
  [/\bDate\.now\b|\bset(Timeout|Interval)\(|\bAbortSignal\.timeout\b/, "shared/clock.ts"],
];

/** Only a main.ts imports these, so the rest can be tested without what they adapt. */
const ADAPTERS = [
  "services/supervisor/docker/docker-engine.ts",
  "services/supervisor/docker/docker-runtime.ts",
  "services/supervisor/process-runtime.ts",
  "services/worker/telegram.ts",
  "services/worker/model/openai.ts",
];

/** Decisions: they take time and history as arguments. */
const PURE = [
  "services/supervisor/decide.ts",
  "services/supervisor/candidate.ts",
  "services/supervisor/harm.ts",
  "services/supervisor/verdict.ts",
  "services/supervisor/exits.ts",
  "services/supervisor/excused-exits.ts",
  "services/supervisor/crash-loop.ts",
  "services/supervisor/revisions.ts",
  "services/supervisor/docker/labels.ts",
  "services/supervisor/docker/worker-container.ts",
  "services/supervisor/worker-environment.ts",
  "services/worker/model/answer.ts",
  "services/worker/model/fallback.ts",
  "services/worker/model/refusals.ts",
  "services/worker/model/request-form.ts",
  "services/worker/model/retry-after.ts",
  "services/worker/model/stream.ts",
  "services/worker/agent/context/assemble.ts",
  "services/worker/agent/context/compress.ts",
  "services/worker/agent/context/cut-middle.ts",
  "services/worker/agent/context/tokens.ts",
  "services/worker/agent/read-completion.ts",
  "services/worker/agent/run.ts",
  "services/worker/control/limits.ts",
  "services/worker/control/progress.ts",
  "services/worker/model/fallback.ts",
  "services/worker/delivery/parts.ts",
  "services/worker/delivery/markdown.ts",
  "services/worker/delivery/markdown-blocks.ts",
  "services/worker/delivery/metered-lexer.ts",
  "services/worker/delivery/bot-api-failure.ts",
];
const FORBIDDEN_TO_PURE =
  /^(shared\/(database|event-log|clock|config|logging|state|inbox|history)\.ts|node:(?!crypto$).*)$/;

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

const sources = ["shared", "services", "proof"].flatMap(readSources);

test("a vendor, the environment, and time each have one importer", () => {
  const offenders = sources.flatMap(({ path, text, imports }) => [
    ...imports
      .filter(({ target }) => (ONE_IMPORTER[target] ?? path) !== path)
      .map(({ target }) => `${path}: ${target}`),
    ...ONE_USER.filter(([use, owner]) => owner !== path && use.test(text)).map(([use]) => `${path}: ${use.source}`),
  ]);
  expect(offenders.filter((offender) => !offender.startsWith("proof/"))).toEqual([]);
});

test("only a main.ts imports an adapter", () => {
  expect(
    importsOf(
      (target) => ADAPTERS.includes(target),
      (path) => basename(path) !== "main.ts",
    ),
  ).toEqual([]);
});

test("a decision imports nothing that reads, waits or writes", () => {
  expect(
    importsOf(
      (target) => FORBIDDEN_TO_PURE.test(target),
      (path) => PURE.includes(path),
    ),
  ).toEqual([]);
});

test("no service imports another, and what is shared knows no service", () => {
  const serviceOf = (path: string) => /^services\/([^/]+)/.exec(path)?.[1];
  const offenders = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => serviceOf(target) && serviceOf(target) !== serviceOf(path) && !path.startsWith("proof/"))
      .map(({ target }) => `${path}: ${target}`),
  );
  expect(offenders).toEqual([]);
});

test("no file is longer than 250 lines", () => {
  const lines = (text: string) => text.split("\n").length - 1;
  expect(sources.filter(({ text }) => lines(text) > 250).map(({ path }) => path)).toEqual([]);
});

function importsOf(isTarget: (target: string) => boolean, isSource: (path: string) => boolean): string[] {
  return sources
    .filter(({ path }) => isSource(path))
    .flatMap(({ path, imports }) =>
      imports.filter(({ target, typeOnly }) => !typeOnly && isTarget(target)).map(({ target }) => `${path}: ${target}`),
    );
}

function readSources(directory: string): SourceFile[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|\/(fake|temporary)-[^/]+$/.test(path))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      const imports = [...text.matchAll(/^(import|export)( type)? [^;]*?from "([^"]+)";/gm)].map((match) => ({
        target: resolveImport(path, match[3] ?? ""),
        typeOnly: match[2] !== undefined,
      }));
      return { path, text, imports };
    });
}

function resolveImport(from: string, target: string): string {
  return target.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(from), target)) : target;
}
