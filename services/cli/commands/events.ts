import type { Database } from "../../../shared/database.ts";
import { firstEventIdSince, type LoggedEvent, lastEvents } from "../../../shared/event-log.ts";
import { followPages } from "../../../shared/follow.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { type Since, since, wholeNumberFrom } from "../option-values.ts";
import { archivesHolding } from "../reading/archives-holding.ts";
import { type EventFilter, eventsById, isOfType, newestEventIds } from "../reading/select-events.ts";
import { openForReading } from "../state-database.ts";
import { eventLine } from "../text/event-text.ts";
import { eventForJson, json } from "../text/json.ts";

interface EventsOptions extends JsonOption {
  readonly number?: number;
  readonly type?: string;
  readonly since?: Since;
  readonly follow?: true;
}

const DEFAULT_NUMBER = 50;
/** Printed at a time, so that Ctrl-C and a closed pipe end a long listing. */
const PAGE = 500;

export const events: CliCommand = {
  name: "events",
  about: "List the newest events",
  example: "lastgood events --type worker. --follow",
  declare: (command) =>
    command
      .option("-n, --number <count>", "how many of the newest (default: 50, with --since all)", wholeNumberFrom(0))
      .option("--type <prefix>", "only this type, or all that begin so: worker.exited, worker.")
      .option(
        "--since <when>",
        "only events after this one, or since: 42, 2h, 2026-01-31, 2026-01-31T12:00 (UTC)",
        since,
      )
      .option("-f, --follow", "go on with each new event, until Ctrl-C"),
  async run(command, cli) {
    const options = command.opts<EventsOptions>();
    const db = openForReading(cli.stateDir);
    const signal = AbortSignal.any([cli.signal, cli.output.closed]);
    const filter = { type: options.type ?? null, after: firstAfter(db, options.since, cli.clock.now()) };
    const last = await listNewest(db, { filter, options, cli }, signal);
    if (options.follow) await follow(db, { filter: { ...filter, after: last }, options, cli }, signal);
    db.close();
    return cli.signal.aborted ? EXIT.interrupted : EXIT.done;
  },
};

/** The event after which the listing begins. */
function firstAfter(db: Database, since: Since | undefined, now: number): number {
  if (since === undefined) return 0;
  if (since.kind === "event") return since.id;
  return firstEventIdSince(db, since.kind === "moment" ? since.at : now - since.ms) - 1;
}

interface Listing {
  readonly filter: EventFilter;
  readonly options: EventsOptions;
  readonly cli: Cli;
}

/** Resolves with the event up to which nothing is left to list. */
async function listNewest(db: Database, { filter, options, cli }: Listing, signal: AbortSignal): Promise<number> {
  // Read before the list: what is committed between the two is then listed or followed, never both or neither.
  const newest = lastEvents(db, 1)[0]?.id ?? 0;
  const limit = options.number ?? (options.since === undefined ? DEFAULT_NUMBER : null);
  const ids = newestEventIds(db, filter, limit);
  for (let at = 0; at < ids.length && !signal.aborted; at += PAGE) {
    await cli.output.print(...eventsById(db, ids.slice(at, at + PAGE)).map(lineFor(options, cli)));
  }
  if (ids.length === 0 && !options.follow && limit !== 0) cli.output.note("no such event");
  noteArchived(db, ids.length === limit ? { ...filter, after: ids[0] ?? newest } : filter, cli);
  return Math.max(newest, filter.after, ids.at(-1) ?? 0);
}

function noteArchived(db: Database, filter: EventFilter, { output }: Cli): void {
  const archives = archivesHolding(db, filter);
  const ends = new Set([archives.at(0), archives.at(-1)]);
  if (archives.length > 0) output.note(`not listed: what was moved to ${[...ends].join(" … ")}`);
}

async function follow(db: Database, { filter, options, cli }: Listing, signal: AbortSignal): Promise<void> {
  const line = lineFor(options, cli);
  for await (const page of followPages(db, filter.after, signal)) {
    await cli.output.print(...page.filter(({ eventType }) => isOfType(eventType, filter)).map(line));
  }
}

function lineFor(options: EventsOptions, { output }: Cli): (event: LoggedEvent) => string {
  return (event) => (options.json ? json(eventForJson(event)) : eventLine(event, output.paint));
}
