import { type RevisionTurn, revisionHistory } from "../../../shared/revision-history.ts";
import { type CliCommand, EXIT, type JsonOption, NOTHING_YET } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import { openForReading } from "../state-database.ts";
import { json } from "../text/json.ts";
import { revisionLines } from "../text/revision-text.ts";

function forJson({ outcome, ...turn }: RevisionTurn): object {
  return { ...turn, at: new Date(turn.at), outcome: { ...outcome, at: new Date(outcome.at) } };
}

interface RevisionsOptions extends JsonOption {
  readonly number: number;
}

const DEFAULT_NUMBER = 20;

export const revisions: CliCommand = {
  name: "revisions",
  about: "List the newest deploys and rollbacks, and what became of each",
  example: "lastgood revisions -n 5",
  declare: (command) =>
    command.option("-n, --number <count>", "how many of the newest", wholeNumberFrom(1), DEFAULT_NUMBER),
  async run(command, { stateDir, clock, output }) {
    const options = command.opts<RevisionsOptions>();
    const db = openForReading(stateDir);
    const turns = db.transaction(() => revisionHistory(db, options.number))();
    db.close();
    if (options.json) await output.print(...turns.map((turn) => json(forJson(turn))));
    else if (turns.length === 0) await output.print(NOTHING_YET);
    else await output.print(...revisionLines(turns, new Date(clock.now()), output.paint));
    return EXIT.done;
  },
};
