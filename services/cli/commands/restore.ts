import { createWriteStream, realpathSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { assertLocalFileSystem } from "../../../shared/database.ts";
import { DATABASE_FILE } from "../../../shared/files.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import { verifyDatabase } from "../backup/copy-database.ts";
import { replaceDatabase } from "../backup/replace-database.ts";
import { type JournalOutcome, planForJournal } from "../backup/restore-journal.ts";
import { holdVolume } from "../backup/whoever-runs.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { operatorName } from "../request/operator.ts";
import { json } from "../text/json.ts";
import { whileAnnounced } from "../while-announced.ts";

const FROM_STANDARD_INPUT = "-";

interface RestoreOptions extends JsonOption {
  readonly journal?: true;
}

export const restore: CliCommand = {
  name: "restore",
  about: "Put a backup in the database's place, with everything stopped; what was there is kept beside it",
  example: "docker compose run --rm --no-deps -T supervisor lastgood restore - < lastgood.db",
  declare: (command) =>
    command
      .argument("<file>", "a backup, or - for standard input")
      .option("--journal", "let the backup's journal take the place of the supervisor's, too"),
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

async function restoreFrom(source: string, options: RestoreOptions, cli: Cli): Promise<number> {
  const backup = backupAt(source, cli);
  const { events, messages, journal: packed } = verifyDatabase(backup);
  const now = cli.clock.now();
  const volume = holdVolume(cli, now);
  if (volume.busy !== null) {
    cli.output.note(`nothing was restored: ${volume.busy}. Stop it first: docker compose stop`);
    return EXIT.failed;
  }
  const isAsked = options.journal ?? false;
  const restoreJournal = planForJournal(cli.ownDir, { backup, isPacked: packed !== null, isAsked });
  const kept = await whileAnnounced("restore", cli, () => replaceDatabase(backup, cli.stateDir, new Date(now)));
  const outcome = restoreJournal({ by: operatorName(), events, messages, kept }, new Date(now));
  volume.release();
  const aside = kept === null ? "" : `; what was there is ${kept}`;
  await cli.output.print(
    ...(options.json
      ? [json({ events, messages, kept, ...outcome })]
      : [`restored ${events} events and ${messages} messages${aside}`, inWords(outcome)]),
  );
  return EXIT.done;
}

function backupAt(source: string, { stateDir }: Cli): string {
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) {
    throw new SetupError([`There is no file ${source} to restore.`]);
  }
  if (source === resolve(stateDir, DATABASE_FILE)) {
    throw new SetupError([`${source} is the database itself: name a backup of it.`]);
  }
  return realpathSync(source); // people may name it by a link of their own
}

const WORDS: Readonly<Record<JournalOutcome["journal"], string>> = {
  restored: "the supervisor's journal is the backup's: what was promoted and quarantined by then is so again",
  stayed:
    "the supervisor's journal stayed: what was promoted and quarantined since the backup is so still, and the log gets " +
    "those events anew (--journal takes the backup's)",
  none:
    "there is no journal in the backup, and none here: the supervisor makes one from the log, and a promotion counts " +
    "where the engine holds that image",
  elsewhere:
    "the supervisor's journal is not in this container, and stayed as it is: to restore it too, use the supervisor's " +
    "container",
};

function inWords({ journal, journalKept }: JournalOutcome): string {
  return journalKept === null ? WORDS[journal] : `${WORDS[journal]}; the one that was here is ${journalKept}`;
}
