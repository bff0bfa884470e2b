import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import type { TwoFiles } from "../../services/supervisor/fake-two-files.ts";
import { type Database, openDatabase } from "../../shared/database.ts";
import { createRandom, pick } from "./acts.ts";
import {
  ask,
  CHANGES,
  claim,
  copy,
  flood,
  forge,
  type Means,
  type Random,
  SCHEMA_CHANGES,
  spoilSchema,
  TRIGGERS,
  useUpIds,
  withoutGuards,
} from "./harm-to-rows.ts";
import { isUp } from "./rest-rules.ts";

/** A worker that writes anything into the file that it shares, at any moment while it runs. */
export interface Hostile {
  /** Does one thing that `n` stands for; a worker that does not run does nothing. */
  act(n: number): void;
  /** It is gone, and its locks with it. */
  end(): void;
  /** Whether it has taken rows away, or changed them: those are not to be had again. */
  hasTampered(): boolean;
  /** Rows that it has copied, as they are. */
  readonly copies: ReadonlySet<string>;
}

type Deed = (means: Means) => void;

const WITH_ROWS: Readonly<Record<string, readonly [weight: number, deed: Deed]>> = {
  "forges rows": [10, (means) => forge(means, 1 + (means.random() % 5))],
  "says what only it may say": [8, claim],
  "asks for what operators ask for": [4, ask],
  "copies a row": [2, copy],
  floods: [1, ({ file, random }) => flood(file, random)],
  "adds a trigger": [3, ({ file, random }) => file.exec(pick(TRIGGERS, random()))],
  "changes the schema": [3, ({ file, random }) => file.exec(pick(SCHEMA_CHANGES, random()))],
  "sets the version": [
    1,
    ({ file, random }) => file.pragma(`user_version = ${pick([0, 1, 99, 101, 150, 250, -5], random())}`),
  ],
  "writes into the schema's table": [1, ({ file, random }) => spoilSchema(file, random)],
  "locks the file": [5, ({ hold }) => hold("BEGIN IMMEDIATE")],
  "pins the file": [2, ({ hold }) => hold("BEGIN; SELECT count(*) FROM events")],
  "uses up the ids": [1, useUpIds],
  "takes the newest rows away": [
    3,
    ({ file, random }) =>
      withoutGuards(file, random, `DELETE FROM events WHERE id > (SELECT max(id) FROM events) - ${1 + (random() % 6)}`),
  ],
};
const TAMPERING: typeof WITH_ROWS = {
  "takes rows away": [
    3,
    ({ file, random }) => withoutGuards(file, random, `DELETE FROM events WHERE id % ${1 + (random() % 5)} = 0`),
  ],
  "changes rows": [2, ({ file, random }) => withoutGuards(file, random, pick(CHANGES, random()))],
};
const WITH_FILES: Readonly<Record<string, readonly [weight: number, deed: (two: TwoFiles, random: Random) => void]>> = {
  "removes the file": [1, ({ path }) => remove(path)],
  "puts something else there": [2, ({ path }, random) => replace(path, random)],
  "cuts the file": [1, ({ path }, random) => isFile(path) && truncateSync(path, pick([0, 100, 4096, 9000], random()))],
  "overwrites the file's head": [1, ({ path }) => isFile(path) && writeFileSync(path, "garbage", { flag: "r+" })],
  "removes the write-ahead log": [1, ({ path }) => rmSync(`${path}-wal`, { force: true, recursive: true })],
  "kills the scribe": [6, ({ faults }, random) => faults.push(pick(["dies before", "dies after"] as const, random()))],
};
const ALL = { ...WITH_ROWS, ...WITH_FILES, ...TAMPERING };

export function createHostile(two: TwoFiles): Hostile {
  const held: Database[] = [];
  const copies = new Set<string>();
  let tampered = false;
  const release = () => {
    for (const file of held.splice(0)) file.close();
  };
  const hold = (work: string) => {
    const file = openDatabase(two.path);
    held.push(file);
    file.pragma("busy_timeout = 0");
    for (const step of work.split("; "))
      if (/^SELECT/.test(step)) file.prepare(step).get();
      else file.exec(step);
  };
  const runs = () => isUp(two.system.runtime.container());
  return {
    copies,
    hasTampered: () => tampered,
    act(n) {
      if (!runs()) {
        release();
        return;
      }
      const random = createRandom(n);
      if (held.length > 0 && random() % 3 === 0) release();
      const name = chosen(random());
      if (Object.hasOwn(TAMPERING, name)) tampered = true;
      try {
        WITH_FILES[name]?.[1](two, random);
        const deed = (WITH_ROWS[name] ?? TAMPERING[name])?.[1];
        if (!deed || !isFile(two.path)) return;
        two.withFile((file) => {
          file.pragma("foreign_keys = OFF");
          deed({ two, file, random, copies, hold });
        });
      } catch {
        // What it could not do, it has not done.
      }
    },
    end: release,
  };
}

function chosen(n: number): string {
  const all = Object.entries(ALL);
  let at = n % all.reduce((sum, [, [weight]]) => sum + weight, 0);
  for (const [name, [weight]] of all) {
    if (at < weight) return name;
    at -= weight;
  }
  return "forges rows";
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The index in shared memory goes first: within one process two files may not share it. */
function remove(path: string): void {
  for (const suffix of ["-shm", "-wal", ""]) rmSync(path + suffix, { force: true, recursive: true });
}

function replace(path: string, random: Random): void {
  const whole = random() % 2 === 0;
  if (whole && isFile(path)) renameSync(path, `${path}.old-${random()}`);
  remove(path);
  const make: readonly [() => void, ...(() => void)[]] = [
    () => writeFileSync(path, "nothing of SQLite's".repeat(100)),
    () => writeFileSync(path, ""),
    () => mkdirSync(path),
    () => symlinkSync("/etc/hostname", path),
    () => execFileSync("mkfifo", [path]),
    () => openDatabase(path).close(),
    () => execFileSync("mkfifo", [`${path}-wal`]),
  ];
  if (!existsSync(path)) pick(make, random())();
}
