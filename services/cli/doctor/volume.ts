import { resolve } from "node:path";
import { assertLocalFileSystem, assertSqliteVersion, type Database, openReadOnly } from "../../../shared/database.ts";
import { lastEvents } from "../../../shared/event-log.ts";
import { bytesFreeAt } from "../../../shared/files.ts";
import {
  requireSchema,
  SCHEMA_VERSION,
  type SchemaObject,
  schemaAsMade,
  schemaObjects,
  schemaVersion,
} from "../../../shared/schema.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { whyUnreadable } from "../../../shared/why-unreadable.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

const MEGABYTE = 1024 * 1024;
/** Below the first a revision on probation is given up, below the second a deploy is refused; the third leaves weeks to act. */
const NO_ROOM = 50 * MEGABYTE;
const LEAST_FREE = 200 * MEGABYTE;
const COMFORTABLE = 1024 * MEGABYTE;
/** Beyond this an event from the future is no difference between two processors. */
const CLOCK_SLACK_MS = 60_000;

/** The volume and the database on it; `db` is for the other looks, null when it cannot be read. */
export function lookAtVolume(stateDir: string, now: number): { db: Database | null; findings: Finding[] } {
  const volume = check("volume", `${stateDir} is on a local disk`, () => assertLocalFileSystem(stateDir));
  if (volume.verdict === "bad") return { db: null, findings: [volume] };
  let db: Database | null = null;
  const database = check("database", "SQLite and schema are right, and it is whole", () => {
    db = openWhole(resolve(stateDir, "lastgood.db"));
  });
  return { db, findings: [volume, disk(stateDir), database, ...(db ? [...foreign(db), clock(db, now)] : [])] };
}

function openWhole(file: string): Database {
  const db = openReadOnly(file);
  assertSqliteVersion(db);
  requireSchema(db);
  lastEvents(db, 1); // what says that it has the schema may have lost the table
  const problem = db.pragma("quick_check(1)", { simple: true });
  if (problem !== "ok") throw new SetupError([`It is damaged: ${problem}. Restore a backup.`]);
  return db;
}

/** A newer supervisor's schema has more than this program knows of, and says so by its version. */
function foreign(db: Database): Finding[] {
  if (schemaVersion(db) !== SCHEMA_VERSION) return [];
  const keyOf = ({ type, name, sql }: SchemaObject) => JSON.stringify([type, name, sql]);
  const [made, found] = [schemaAsMade(), schemaObjects(db)];
  const [madeKeys, foundKeys] = [new Set(made.map(keyOf)), new Set(found.map(keyOf))];
  const names = [
    ...found.filter((object) => !madeKeys.has(keyOf(object))).map(({ type, name }) => `${type} ${name}`),
    ...made.filter((object) => !foundKeys.has(keyOf(object))).map(({ type, name }) => `${type} ${name} as it was made`),
  ];
  if (names.length === 0) return [];
  const [told, rest] = [names.slice(0, MOST_NAMES).join(", "), names.length - MOST_NAMES];
  const detail = `foreign, or missing: ${told}${rest > 0 ? `, and ${rest} more` : ""}`;
  return [
    bad("schema", detail, "The supervisor puts it right while no worker runs: lastgood stop, then lastgood start."),
  ];
}

const MOST_NAMES = 5;

function disk(stateDir: string): Finding {
  const free = bytesFreeAt(stateDir);
  const detail = `${Math.floor(free / MEGABYTE)} MB are free`;
  if (free < NO_ROOM)
    return bad("disk", detail, "Free some space now: what is on probation is given up, and nothing is recorded soon.");
  if (free < LEAST_FREE) return bad("disk", detail, "Free some space: the database itself is about to fail.");
  return free < COMFORTABLE ? warning("disk", detail, "Free some space before it runs out.") : good("disk", detail);
}

function clock(db: Database, now: number): Finding {
  const newest = lastEvents(db, 1)[0]?.timestamp ?? 0;
  const ahead = newest - now;
  if (ahead <= CLOCK_SLACK_MS) return good("clock", new Date(now).toISOString());
  const detail = `the newest event is ${Math.round(ahead / 1000)} s in the future`;
  return bad("clock", detail, "Set the host's clock, and let it be kept by NTP: waits and windows go by it.");
}

function check(about: string, detail: string, look: () => void): Finding {
  try {
    look();
    return good(about, detail);
  } catch (error) {
    const problem = whyUnreadable(error);
    if (problem === null) throw error;
    const [what, ...remedy] = problem.split(/(?<=\.) /);
    return bad(about, what ?? problem, remedy.join(" ") || "Mend that first.");
  }
}
