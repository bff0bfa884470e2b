import { createHash } from "node:crypto";
import { type Database, inTransaction, openInMemory } from "./database.ts";
import { archiving } from "./migrations/archiving.ts";
import { chatControl } from "./migrations/chat-control.ts";
import { endedTurns } from "./migrations/ended-turns.ts";
import { ignoredMessages } from "./migrations/ignored-messages.ts";
import { imageLookups } from "./migrations/image-lookups.ts";
import { refusedSends } from "./migrations/refused-sends.ts";
import { threeTables } from "./migrations/three-tables.ts";
import { toolCalls } from "./migrations/tool-calls.ts";
import { SetupError } from "./setup-error.ts";

/**
 * `PRAGMA user_version` = 100 × generation + step. A step only adds, so an image that knows fewer steps goes on; only a
 * newer generation is refused. That way an upgraded supervisor never bricks the good images.
 */
const GENERATION = 1;
const STEPS: readonly string[] = [
  threeTables,
  chatControl,
  imageLookups,
  endedTurns,
  archiving,
  toolCalls,
  ignoredMessages,
  refusedSends,
];
export const SCHEMA_VERSION = GENERATION * 100 + STEPS.length;

/** Brings the schema up to date, in one transaction. The supervisor alone calls it. Throws a SetupError when newer. */
export function initSchema(db: Database): void {
  inTransaction(db, () => {
    const version = schemaVersion(db);
    refuseOtherGeneration(db);
    if (version >= SCHEMA_VERSION) return;
    for (const step of STEPS.slice(version % 100)) db.exec(step);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  });
}

/** For those who do not migrate. Throws a SetupError unless the schema has what this code was written for. */
export function requireSchema(db: Database): void {
  const version = schemaVersion(db);
  refuseOtherGeneration(db);
  if (version < SCHEMA_VERSION) {
    throw new SetupError([
      `The database has schema ${version}, this program needs ${SCHEMA_VERSION}. Start the supervisor of this version first: it migrates the schema.`,
    ]);
  }
}

/** 0 when the supervisor never met it. */
export function schemaVersion(db: Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}

/** Throws a SetupError when the schema is not of the generation that this program knows. */
export function refuseOtherGeneration(db: Database): void {
  const version = schemaVersion(db);
  const generation = Math.floor(version / 100);
  if (version === 0 || generation === GENERATION) return;
  const remedy =
    generation > GENERATION ? "Use a newer image, or restore a backup from before it." : "Use the image that wrote it.";
  throw new SetupError([
    `The database has schema generation ${generation}, this program knows generation ${GENERATION}. ${remedy}`,
  ]);
}

/** A table, an index, a trigger or a view, as SQLite keeps it. */
export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

/** All of the schema. */
export function schemaObjects(db: Database): SchemaObject[] {
  return db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all() as SchemaObject[];
}

/** Of objects in their order: two schemas with the same digest are the same to the letter. */
export function schemaDigest(objects: readonly SchemaObject[]): string {
  return createHash("sha256")
    .update(JSON.stringify(objects.map(({ type, name, sql }) => [type, name, sql])))
    .digest("hex");
}

/** What the steps of this program make. */
export function schemaAsMade(): SchemaObject[] {
  const db = openInMemory();
  initSchema(db);
  const objects = schemaObjects(db);
  db.close();
  return objects;
}
