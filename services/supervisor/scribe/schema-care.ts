import { type Database, inTransaction } from "../../../shared/database.ts";
import {
  initSchema,
  SCHEMA_VERSION,
  type SchemaObject,
  schemaAsMade,
  schemaDigest,
  schemaObjects,
  schemaVersion,
} from "../../../shared/schema.ts";
import { Damaged } from "./open-file.ts";
import type { SchemaMade } from "./shared-file.ts";

/** More names tell nothing more, and each may be anybody's. */
const MOST_NAMES = 20;
const LONGEST_NAME = 100;

const ours = schemaAsMade();
const OURS: SchemaMade = { version: SCHEMA_VERSION, digest: schemaDigest(ours) };

/**
 * Brings the schema up to date, and says what it is to be from now on: what our steps make, or what a newer supervisor
 * made. Throws a SetupError for a newer generation, unless it is known that nobody made that.
 */
export function prepareSchema(db: Database, made: SchemaMade | null): SchemaMade {
  // What is not as it was made is no older version: it is looked at, and put right.
  if (made !== null && !isSame(db, made)) return made;
  initSchema(db);
  const version = schemaVersion(db);
  return version === SCHEMA_VERSION ? OURS : { version, digest: schemaDigest(schemaObjects(db)) };
}

function isSame(db: Database, { version, digest }: SchemaMade): boolean {
  return schemaVersion(db) === version && schemaDigest(schemaObjects(db)) === digest;
}

/** What is not as it was made, by its names; none when all is. */
export function foreignIn(db: Database, made: SchemaMade): string[] {
  const objects = schemaObjects(db);
  const version = schemaVersion(db);
  if (version === made.version && schemaDigest(objects) === made.digest) return [];
  const names = made.digest === OURS.digest ? differences(objects) : ["another schema than a newer supervisor made"];
  const told = version === made.version ? names : [`user_version ${version}`, ...names];
  return told.slice(0, MOST_NAMES).map((name) => name.slice(0, LONGEST_NAME));
}

function differences(found: readonly SchemaObject[]): string[] {
  const foreign = found.filter((object) => !ours.some((our) => isEqual(our, object)));
  const missing = ours.filter((our) => !found.some((object) => isEqual(our, object)));
  return [
    ...foreign.map(({ type, name }) => `${type} ${name}`),
    ...missing
      .filter(({ name }) => !foreign.some((other) => other.name === name))
      .map(({ type, name }) => `no ${type} ${name}`),
  ];
}

function isEqual(one: SchemaObject, other: SchemaObject): boolean {
  return one.type === other.type && one.name === other.name && one.sql === other.sql;
}

/**
 * Drops what is foreign and makes anew what is missing, in one transaction; returns what could not be put right. Throws
 * Damaged when a table is gone or another one: its rows are not to be had again.
 */
export function repairSchema(db: Database): string[] {
  inTransaction(db, () => {
    const found = schemaObjects(db);
    for (const { name } of ours.filter(({ type }) => type === "table")) {
      const table = found.find((object) => object.type === "table" && object.name === name);
      if (!table || !ours.some((our) => isEqual(our, table)))
        throw new Damaged(`the table ${name} is not what was made`);
    }
    for (const object of found) if (!ours.some((our) => isEqual(our, object))) drop(db, object);
    for (const our of ours) if (!found.some((object) => isEqual(our, object)) && our.sql !== null) db.exec(our.sql);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  });
  return foreignIn(db, OURS);
}

/** A table takes its triggers and indexes along; SQLite's own index of a constraint goes with its table. */
function drop(db: Database, { type, name, sql }: SchemaObject): void {
  if (sql === null) return;
  db.exec(`DROP ${type.toUpperCase()} IF EXISTS "${name.replaceAll('"', '""')}"`);
}
