import { copyFileSync, createWriteStream, existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { assertLocalFileSystem, openDatabase, openReadOnly } from "../../../shared/database.ts";
import { DATABASE_FILE } from "../../../shared/files.ts";
import { initSchema } from "../../../shared/schema.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { copyDatabase, settleCopy, verifyDatabase } from "../backup/copy-database.ts";
import { freeNameFor, holdVolume } from "../backup/whoever-runs.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { json } from "../text/json.ts";
import { whileAnnounced } from "../while-announced.ts";

const FROM_STANDARD_INPUT = "-";

export const restore: CliCommand = {
  name: "restore",
  about: "Put a backup in the database's place, with everything stopped; what was there is kept beside it",
  example: "docker compose run --rm --no-deps -T supervisor lastgood restore - < lastgood.db",
  declare: (command) => command.argument("<file>", "a backup, or - for standard input"),
  async run(command, cli) {
    assertLocalFileSystem(cli.stateDir);
    const given = command.args[0] ?? "";
    const received = resolve(cli.stateDir, `restore-${process.pid}.part`);
    const source = given === FROM_STANDARD_INPUT ? received : resolve(given);
    try {
      if (given === FROM_STANDARD_INPUT) {
        await pipeline(process.stdin, createWriteStream(received), { signal: cli.signal });
      }
      return await restoreFrom(source, command.opts(), cli);
    } finally {
      rmSync(received, { force: true });
    }
  },
};

async function restoreFrom(source: string, { json: asJson }: JsonOption, cli: Cli): Promise<number> {
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) {
    throw new SetupError([`There is no file ${source} to restore.`]);
  }
  if (source === resolve(cli.stateDir, DATABASE_FILE)) {
    throw new SetupError([`${source} is the database itself: name a backup of it.`]);
  }
  const backup = realpathSync(source); // people may name it by a link of their own
  const contents = verifyDatabase(backup);
  const now = cli.clock.now();
  const volume = holdVolume(cli, now);
  if (volume.busy !== null) {
    cli.output.note(`nothing was restored: ${volume.busy}. Stop it first: docker compose stop`);
    return EXIT.failed;
  }
  const kept = await whileAnnounced("restore", cli, () => replaceDatabase(backup, cli.stateDir, new Date(now)));
  volume.release();
  const { events, messages } = contents;
  const aside = kept === null ? "" : `; what was there is ${kept}`;
  await cli.output.print(
    asJson ? json({ events, messages, kept }) : `restored ${events} events and ${messages} messages${aside}`,
  );
  return EXIT.done;
}

/** Whoever dies here leaves the old database or the new one in its place. Returns where the old one is kept. */
async function replaceDatabase(source: string, stateDir: string, now: Date): Promise<string | null> {
  const file = join(stateDir, DATABASE_FILE);
  const kept = existsSync(file) ? freeNameFor(stateDir, now) : null;
  if (kept !== null && isWhole(file)) {
    await copyAll(file, kept);
    settleCopy(kept);
    await copyAll(source, file); // in one transaction of SQLite's
  } else {
    if (kept !== null) for (const part of presentParts(file)) copyFileSync(file + part, kept + part);
    await putInPlace(source, file);
  }
  const db = openDatabase(file);
  initSchema(db);
  db.close();
  return kept;
}

/** For a place where no database is, or a damaged one, which nobody can open for a transaction. */
async function putInPlace(source: string, file: string): Promise<void> {
  const fresh = `${file}.part`;
  for (const part of presentParts(fresh)) rmSync(fresh + part); // of a restore that was killed
  openDatabase(fresh, "DELETE").close(); // with the mode that both services can write
  await copyAll(source, fresh);
  settleCopy(fresh);
  for (const log of presentParts(file).filter((part) => part !== "")) rmSync(file + log);
  renameSync(fresh, file);
}

function presentParts(file: string): string[] {
  return ["", "-journal", "-wal", "-shm"].filter((part) => existsSync(file + part));
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
