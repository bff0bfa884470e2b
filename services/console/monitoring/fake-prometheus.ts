/** For tests: reads the text format as strictly as `promtool check metrics` does, and throws at the first fault. */

export interface ScrapedFamily {
  readonly type: string;
  readonly help: string;
  /** By the whole name with its labels, as written. */
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const HEAD = new RegExp(`^# HELP (${NAME}) (\\S.*)\\n# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? (-?[0-9.]+(?:e[+-]?\\d+)?|\\+Inf)$`);
/** Base units, and their plurals left to the name (https://prometheus.io/docs/practices/naming/). */
const NOT_BASE_UNITS = /_(ms|milliseconds|minutes|hours|kb|mb|kilobytes|percent)(_|$)/;

export function parseExposition(text: string): Map<string, ScrapedFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line is not ended");
  const families = new Map<string, ScrapedFamily>();
  for (const block of text.split(/^(?=# HELP )/m)) {
    const [help, type, ...lines] = block.trimEnd().split("\n");
    const [, name = "", about = "", typed, kind = ""] = HEAD.exec(`${help}\n${type}`) ?? [];
    if (!name || name !== typed) throw new Error(`no HELP and TYPE before: ${block.slice(0, 80)}`);
    if (families.has(name)) throw new Error(`${name} comes twice`);
    families.set(name, { type: kind, help: about, samples: samplesOf(name, kind, lines) });
    lint(name, kind);
  }
  return families;
}

function samplesOf(name: string, kind: string, lines: readonly string[]): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of lines) {
    const [, sampled = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
    const suffixes = kind === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!suffixes.some((suffix) => sampled === name + suffix)) throw new Error(`not a sample of ${name}: ${line}`);
    if (samples.has(sampled + labels)) throw new Error(`comes twice: ${line}`);
    if (kind !== "gauge" && Number(value) < 0) throw new Error(`below zero: ${line}`);
    samples.set(sampled + labels, Number(value));
  }
  if (kind === "histogram") checkBuckets(name, samples);
  return samples;
}

function lint(name: string, kind: string): void {
  if (!name.startsWith("lastgood_")) throw new Error(`${name} is nobody's`);
  if (NOT_BASE_UNITS.test(name)) throw new Error(`${name} is not in base units`);
  if ((kind === "counter") !== name.endsWith("_total")) throw new Error(`${name} is a ${kind}`);
}

function checkBuckets(name: string, samples: ReadonlyMap<string, number>): void {
  for (const [sample, count] of samples) {
    if (!sample.startsWith(`${name}_count`)) continue;
    const labels = sample.slice(`${name}_count{`.length, -1);
    const prefix = `${name}_bucket{${labels},le="`;
    const buckets = [...samples].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
    if (samples.get(`${prefix}+Inf"}`) !== count) throw new Error(`${sample} is not its +Inf bucket`);
    if (buckets.some((value, index) => value < (buckets[index - 1] ?? 0))) throw new Error(`${sample} falls`);
  }
}
