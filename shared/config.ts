import { existsSync } from "node:fs";
import { z } from "zod";
import { createScrubber } from "./redact.ts";
import { SetupError } from "./setup-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: how its text becomes a value, and what to tell a person whose text does not. */
export interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>;
  /** What it does, for the README. */
  readonly about: string;
  /** "a whole number from 1 to 100": completes "… must be". */
  readonly expected: string;
  readonly default: string | null;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Values<S extends Settings> = { readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never };

/**
 * Reads and checks every setting at once. An empty variable counts as unset, because compose passes those.
 * Throws one SetupError that lists every problem with its remedy; a value is never shown, it may be a secret.
 */
export function readSettings<S extends Settings>(settings: S, environment: Environment = process.env): Values<S> {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([name, setting]) => {
    const parsed = setting.schema.safeParse(environment[name]?.trim() || undefined);
    if (!parsed.success) problems.push(problemWith(name, setting, environment[name]));
    return [name, parsed.data];
  });
  if (problems.length > 0) throw new SetupError(problems);
  return Object.fromEntries(values) as Values<S>; // every entry above was parsed by the schema of its name
}

function problemWith(name: string, setting: Setting<unknown>, text: string | undefined): string {
  if (!text?.trim()) return `${name} is not set. It must be ${setting.expected}.`;
  const remedy =
    setting.default === null ? "Correct it" : `Correct it, or remove it to have ${setting.default || "none"}`;
  return `${name} is not valid: it must be ${setting.expected}. ${remedy}.`;
}

export function wholeNumber(options: { about: string; default: number; min?: number; max?: number }): Setting<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return {
    schema: z
      .string()
      .regex(/^\d+$/)
      .default(String(options.default))
      .transform(Number)
      .pipe(z.int().min(min).max(max)),
    about: options.about,
    expected: `a whole number ${range}`,
    default: String(options.default),
  };
}

export function text(options: {
  about: string;
  default: string;
  expected?: string;
  pattern?: RegExp;
}): Setting<string> {
  return {
    schema: z
      .string()
      .regex(options.pattern ?? /./)
      .default(options.default),
    about: options.about,
    expected: options.expected ?? "a text",
    default: options.default,
  };
}

export function yesOrNo(options: { about: string; default: boolean }): Setting<boolean> {
  return {
    schema: z
      .enum(["true", "false"])
      .default(options.default ? "true" : "false")
      .transform((given) => given === "true"),
    about: options.about,
    expected: "true or false",
    default: String(options.default),
  };
}

export function requiredText(options: { about: string; expected: string; pattern?: RegExp }): Setting<string> {
  return {
    schema: z.string().regex(options.pattern ?? /./),
    about: options.about,
    expected: options.expected,
    default: null,
  };
}

export function choice<const Choices extends readonly [string, ...string[]]>(options: {
  about: string;
  choices: Choices;
  default: Choices[number];
}): Setting<Choices[number]> {
  return {
    schema: z.string().default(options.default).pipe(z.enum(options.choices)),
    about: options.about,
    expected: `one of ${options.choices.join(", ")}`,
    default: options.default,
  };
}

export function url(options: { about: string; default?: string }): Setting<string> {
  const httpUrl = z.url({ protocol: /^https?$/ }).transform((address) => address.replace(/\/+$/, ""));
  return {
    schema: z.preprocess((given) => given ?? options.default, httpUrl) as z.ZodType<string, string | undefined>,
    about: options.about,
    expected: "a URL that starts with http:// or https://",
    default: options.default ?? null,
  };
}

/** What every process that opens the database has to know. */
export const processSettings = {
  STATE_DIR: text({ about: "The directory of the database, on the shared volume.", default: "/state" }),
  LOG_LEVEL: choice({
    about: "How much is logged.",
    choices: ["debug", "info", "warn", "error"],
    default: "info",
  }),
  LOG_FORMAT: choice({
    about: "`json` for programs, or `pretty` for people; `npm start` on a terminal is pretty unless it is set.",
    choices: ["json", "pretty"],
    default: "json",
  }),
};

export function optionalUrl(options: { about: string }): Setting<string | null> {
  return {
    schema: z
      .url({ protocol: /^https?$/ })
      .optional()
      .transform((address) => address ?? null),
    about: options.about,
    expected: "a URL that starts with http:// or https://",
    default: null,
  };
}

/** Any schema over the text, for a setting with a shape of its own. */
export function custom<T>(setting: Setting<T>): Setting<T> {
  return setting;
}

/** Takes up the settings of a .env file, as compose does, where there is one; what is set already stays. */
export function loadEnvFile(file: string): void {
  if (existsSync(file)) process.loadEnvFile(file);
}

/** A copy of the whole environment, for handing on to a process that this one starts. */
export function environmentOfThisProcess(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const SECRET_NAME =
  /(^|_)(TOKEN|(API)?KEY|SECRET|PASS(WORD|WD|PHRASE)?|CREDENTIALS?|PAT|DSN|WEBHOOK(_URL)?)(_|$)|_PWD$/i;

/** The values that must never be written anywhere, known by the names of their variables. */
export function secretsIn(environment: Environment): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value && SECRET_NAME.test(name) ? [value.trim()] : [],
  );
}

/** Blanks this process's own secrets, the ones it hands on included. */
export const scrub = createScrubber(secretsIn(process.env));
