import { createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { openDatabase, openReadOnly } from "../../../shared/database.ts";
import { DATABASE_FILE } from "../../../shared/files.ts";
import { initSchema } from "../../../shared/schema.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { copyDatabase, settleCopy, verifyDatabase } from "../backup/copy-database.ts";
import { freeNameFor, holdVolume } from "../backup/whoever-runs.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { json } from "../text/json.ts";

const FROM_STANDARD_INPUT = "-";

export const restore: CliCommand = {
  name: "restore",
  about: "Put a backup in the database's place, with everything stopped; what was there is kept beside it",
  example: "docker compose run --rm --no-deps -T supervisor lastgood restore - < lastgood.db",
  declare: (command) => command.argument("<file>", "a backup, or - for standard input"),
  async run(command, cli) {
    const given = command.args[0] ?? "";
    const received = join(cli.stateDir, `restore-${process.pid}.part`);
    const source = given === FROM_STANDARD_INPUT ? received : resolve(given);
    try {
      if (given === FROM_STANDARD_INPUT) await pipeline(process.stdin, createWriteStream(received));
      return await restoreFrom(source, command.opts(), cli);
    } finally {
      rmSync(received, { force: true });
    }
  },
};

async function restoreFrom(source: string, { json: asJson }: JsonOption, cli: Cli): Promise<number> {
  if (!existsSync(source)) throw new SetupError([`There is no file ${source} to restore.`]);
  const contents = verifyDatabase(source);
  const now = cli.clock.now();
  const volume = holdVolume(cli.stateDir, now);
  if (volume.busy !== null) {
    cli.output.note(`nothing was restored: ${volume.busy}. Stop it first: docker compose stop`);
    return EXIT.failed;
  }
  const kept = await replaceDatabase(source, cli.stateDir, new Date(now));
  volume.release();
  const { events, messages } = contents;
  const aside = kept === null ? "" : `; what was there is ${kept}`;
  await cli.output.print(
    asJson ? json({ events, messages, kept }) : `restored ${events} events and ${messages} messages${aside}`,
  );
  return EXIT.done;
}

/** Over a present file in one transaction of SQLite's: whoever dies here leaves the old database or the new one. */
async function replaceDatabase(source: string, stateDir: string, now: Date): Promise<string | null> {
  const file = join(stateDir, DATABASE_FILE);
  const kept = existsSync(file) ? freeNameFor(stateDir, now) : null;
  if (kept !== null) await putAside(file, kept);
  openDatabase(file).close(); // with the mode that both services can write, where there was none
  await copyAll(source, file);
  const db = openDatabase(file);
  initSchema(db);
  db.close();
  return kept;
}

/** A copy of what can be read; what is damaged is moved away as it is. */
async function putAside(file: string, kept: string): Promise<void> {
  if (isWhole(file)) {
    await copyAll(file, kept);
    return settleCopy(kept);
  }
  for (const part of ["", "-wal", "-shm"]) if (existsSync(file + part)) renameSync(file + part, kept + part);
}

function isWhole(file: string): boolean {
  try {
    verifyDatabase(file);
    return true;
  } catch {
    return false; // whatever it is: a backup is about to take its place
  }
}

async function copyAll(from: string, to: string): Promise<void> {
  const db = openReadOnly(from);
  try {
    await copyDatabase(db, to);
  } finally {
    db.close();
  }
}
