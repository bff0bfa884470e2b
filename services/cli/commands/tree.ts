import { type Cli, type CliCommand, EXIT, type JsonOption, NOTHING_YET } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import {
  type EventTree,
  newestSupervisorId,
  readTree,
  readTreeAndRoots,
  type TreeLimits,
} from "../reading/event-tree.ts";
import { inPlaces } from "../reading/places.ts";
import { openForReading } from "../state-database.ts";
import { jsonLines } from "../text/json.ts";
import { treeForJson, treeLines } from "../text/tree-text.ts";

interface TreeOptions extends JsonOption {
  readonly id?: number;
  readonly level?: number;
  readonly payload: boolean;
  readonly all?: true;
}

/** What a person scrolls through; a supervisor can have 100,000 children. */
const CHILDREN_SHOWN = 200;
/** Printed at a time, so that Ctrl-C and a closed pipe end a long tree. */
const PAGE = 500;

export const tree: CliCommand = {
  name: "tree",
  about: "Draw an event and what belongs to it, by default the newest supervisor and what was asked in its time",
  example: "lastgood tree --id 12 -L 2 --no-payload",
  declare: (command) =>
    command
      .option("--id <event id>", "the event at the root", wholeNumberFrom(1))
      .option("-L, --level <depth>", "how many levels below the root", wholeNumberFrom(0))
      .option("--no-payload", "leave out the payloads")
      .option("--all", `every child, not only the newest ${CHILDREN_SHOWN} of each event`),
  async run(command, cli) {
    const options = command.opts<TreeOptions>();
    const limits = { depth: options.level ?? null, children: options.all ? null : CHILDREN_SHOWN };
    if (options.id !== undefined) return drawNamed(options.id, limits, options, cli);
    const db = openForReading(cli.stateDir);
    const id = newestSupervisorId(db);
    const root = id === null ? null : readTreeAndRoots(db, id, limits);
    db.close();
    return root ? draw(root, options, cli) : sayNothingYet(options, cli);
  },
};

async function drawNamed(id: number, limits: TreeLimits, options: TreeOptions, cli: Cli): Promise<number> {
  const found = inPlaces(cli, (places) => {
    for (const { db, archive } of places) {
      const root = readTree(db, id, limits);
      if (root) return { root, archive };
    }
    return null;
  });
  if (!found) {
    cli.output.note(`there is no event ${id}, here or in an archive`);
    return EXIT.failed;
  }
  if (found.archive !== null) cli.output.note(`read from ${found.archive}`);
  return draw(found.root, options, cli);
}

async function draw(root: EventTree, options: TreeOptions, { output, signal }: Cli): Promise<number> {
  const lines = options.json
    ? jsonLines(treeForJson(root, options.payload))
    : treeLines(root, { paint: output.paint, payload: options.payload });
  const ended = AbortSignal.any([signal, output.closed]);
  for (const page of pages(lines)) {
    if (ended.aborted) break;
    await output.print(...page);
  }
  return signal.aborted ? EXIT.interrupted : EXIT.done;
}

function* pages(lines: Iterable<string>): Generator<string[]> {
  let page: string[] = [];
  for (const line of lines) {
    page.push(line);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  yield page;
}

async function sayNothingYet({ json: asJson }: TreeOptions, { output }: Cli): Promise<number> {
  await output.print(asJson ? "null" : NOTHING_YET);
  return EXIT.done;
}
