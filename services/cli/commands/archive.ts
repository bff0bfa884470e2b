import { DATABASE_FILE } from "../../../shared/files.ts";
import { holdArchives } from "../archive/hold-archives.ts";
import { type Moved, type Mover, moveNextSlice } from "../archive/move-slice.ts";
import { bytesOf, rebuild } from "../archive/rebuild.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { spanOfDaysFrom } from "../option-values.ts";
import { operatorName } from "../request/operator.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";
import { whileAnnounced } from "../while-announced.ts";

interface ArchiveOptions extends JsonOption {
  readonly olderThan: number;
  readonly shrink?: true;
}

export const archive: CliCommand = {
  name: "archive",
  about: "Move messages that ended long ago, with their events, to archive-YYYY-MM.db beside the database",
  example: "docker compose exec supervisor lastgood archive --older-than 90d",
  declare: (command) =>
    command
      .requiredOption("--older-than <span>", "only what is older than this: 90d, 12w (least: 1d)", spanOfDaysFrom(1))
      .option("--shrink", "then give the disk back what is free; that holds up the agent for a second or two"),
  async run(command, cli) {
    const { olderThan, shrink = false, json: asJson } = command.opts<ArchiveOptions>();
    const db = openForRequests(cli.stateDir);
    const lock = holdArchives(cli.stateDir);
    try {
      const before = cli.clock.now() - olderThan;
      const mover = { db, stateDir: cli.stateDir, before, by: operatorName() };
      const { files, isShrunk } = await whileAnnounced("archive", cli, async (goesOn) => ({
        files: await moveAll(mover, goesOn, cli),
        isShrunk: shrink && !cli.signal.aborted && rebuild(db),
      }));
      const { all, used } = bytesOf(db);
      const told = { files, bytes: all, freeBytes: all - used };
      await cli.output.print(...(asJson ? [json(told)] : [...inWords(files), roomInWords(told)]));
      if (cli.signal.aborted) return EXIT.interrupted;
      if (shrink && !isShrunk) cli.output.note(`${DATABASE_FILE} is too large, or too busy, to be written anew`);
      return shrink && !isShrunk ? EXIT.failed : EXIT.done;
    } finally {
      db.close();
      lock.release();
    }
  },
};

interface Filled {
  readonly file: string;
  readonly messages: number;
  readonly events: number;
}

/** Slice by slice, so that whoever waits to write gets its turn, and so that Ctrl-C ends it in between. */
async function moveAll(mover: Mover, goesOn: () => void, { clock, signal }: Cli): Promise<Filled[]> {
  const files = new Map<string, Filled>();
  let moved: Moved | null = null;
  while (!signal.aborted) {
    moved = moveNextSlice(mover, moved?.lastId ?? 0);
    if (!moved) break;
    const { file } = moved;
    const { messages, events } = files.get(file) ?? { messages: 0, events: 0 };
    files.set(file, { file, messages: messages + moved.messages, events: events + moved.count });
    goesOn();
    await clock.sleep(PAUSE_MS, signal);
  }
  return [...files.values()];
}

/** SQLite's lock is not fair: who waits for it looks again every few milliseconds, and must find it free. */
const PAUSE_MS = 10;

function inWords(files: readonly Filled[]): string[] {
  if (files.length === 0) return ["nothing is left to archive of what is so old"];
  return files.map(({ file, messages, events }) => `${file}: ${messages} messages with ${events} events, verified`);
}

function roomInWords({ bytes, freeBytes }: { readonly bytes: number; readonly freeBytes: number }): string {
  const megabytes = (count: number) => `${(count / 1e6).toFixed(1)} MB`;
  return `${DATABASE_FILE} has ${megabytes(bytes)}; ${megabytes(freeBytes)} of that are free, and used for what comes`;
}
