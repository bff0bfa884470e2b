import { createReadStream, existsSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { isOwnFile } from "../../../shared/files.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { type Contents, verifyDatabase, writeBackup } from "../backup/copy-database.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { openForReading } from "../state-database.ts";
import { json } from "../text/json.ts";
import { whileAnnounced } from "../while-announced.ts";

/** As in tar: standard output. */
const TO_STANDARD_OUTPUT = "-";

export const backup: CliCommand = {
  name: "backup",
  about: "Copy the database, and the supervisor's journal, while everything runs; - is standard output",
  example: "docker compose exec -T supervisor lastgood backup - > lastgood.db",
  declare: (command) => command.argument("<file>", "where to, or - for standard output"),
  async run(command, cli) {
    const target = command.args[0] ?? "";
    return target === TO_STANDARD_OUTPUT ? toStandardOutput(cli) : toFile(resolve(target), command.opts(), cli);
  },
};

/** Beside its place first, so that a backup under this name is always a whole one. */
async function toFile(file: string, { json: asJson }: JsonOption, cli: Cli): Promise<number> {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SetupError([`${file} is a directory: name a file in it.`]);
  }
  if (!existsSync(dirname(file))) throw new SetupError([`There is no directory ${dirname(file)}: create it first.`]);
  const volumes = [cli.stateDir, ...(cli.ownDir === null ? [] : [cli.ownDir])].map((directory) =>
    realpathSync(directory),
  );
  if (volumes.includes(realpathSync(dirname(file))) && isOwnFile(basename(file))) {
    throw new SetupError([`${file} is in use by the agent itself: name another file for the backup.`]);
  }
  const contents = await writeCopy(`${file}.part`, cli);
  renameSync(`${file}.part`, file);
  await cli.output.print(asJson ? json({ file, ...contents }) : `${file}: ${inWords(contents)}`);
  sayWhatIsMissing(contents, cli);
  return EXIT.done;
}

async function toStandardOutput(cli: Cli): Promise<number> {
  const file = join(cli.stateDir, `backup-${process.pid}.part`);
  try {
    const contents = await writeCopy(file, cli);
    await pipeline(createReadStream(file), process.stdout, { signal: cli.signal });
    cli.output.note(inWords(contents));
    sayWhatIsMissing(contents, cli);
    return EXIT.done;
  } finally {
    rmSync(file, { force: true });
  }
}

async function writeCopy(file: string, cli: Cli): Promise<Contents> {
  rmSync(file, { force: true }); // of a backup that was cut short
  const db = openForReading(cli.stateDir);
  try {
    await whileAnnounced("backup", cli, () => writeBackup(db, file, cli.ownDir));
    return verifyDatabase(file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    db.close();
  }
}

function inWords({ events, messages, journal }: Contents): string {
  const own = journal === null ? "" : `, and ${journal} events of the supervisor's journal`;
  return `verified, ${events} events and ${messages} messages${own}`;
}

function sayWhatIsMissing({ journal }: Contents, { output }: Cli): void {
  if (journal === null) output.note(WITHOUT_JOURNAL);
}

const WITHOUT_JOURNAL =
  "the supervisor's journal is not in it, because there is none in OWN_DIR here; with it, what was promoted and " +
  "quarantined moves along: docker compose exec -T supervisor lastgood backup -";
