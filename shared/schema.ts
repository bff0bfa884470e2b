import { type Database, inTransaction } from "./database.ts";
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
const VERSION = GENERATION * 100 + STEPS.length;

/** Brings the schema up to date, in one transaction. The supervisor alone calls it. Throws a SetupError when newer. */
export function initSchema(db: Database): void {
  inTransaction(db, () => {
    const version = schemaVersion(db);
    refuseOtherGeneration(db);
    if (version >= VERSION) return;
    for (const step of STEPS.slice(version % 100)) db.exec(step);
    db.pragma(`user_version = ${VERSION}`);
  });
}

/** For those who do not migrate. Throws a SetupError unless the schema has what this code was written for. */
export function requireSchema(db: Database): void {
  const version = schemaVersion(db);
  refuseOtherGeneration(db);
  if (version < VERSION) {
    throw new SetupError([
      `The database has schema ${version}, this program needs ${VERSION}. Start the supervisor of this version first: it migrates the schema.`,
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
