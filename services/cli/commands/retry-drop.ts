import { type Database, inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { drop as dropMessage, requeue } from "../../../shared/inbox.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import { operatorName } from "../request/operator.ts";
import { openForRequests } from "../state-database.ts";
import { json } from "../text/json.ts";

interface Handling {
  readonly name: string;
  readonly about: string;
  readonly type: typeof EventType.MessageRetried | typeof EventType.MessageDropped;
  /** False when it cannot be: nothing has changed then. */
  carryOut(db: Database, id: number): boolean;
  readonly done: string;
  readonly refused: string;
}

export const retry = handling({
  name: "retry",
  about: "Try messages again that failed, were set aside, or are in the hands of a worker that is gone",
  type: EventType.MessageRetried,
  carryOut: requeue,
  done: "is tried again",
  refused: "did not fail, is not stuck, or its text is gone",
});

export const drop = handling({
  name: "drop",
  about: "Give messages up that wait, failed, or were set aside: they are not tried any more, and lose their text",
  type: EventType.MessageDropped,
  carryOut: dropMessage,
  done: "is dropped",
  refused: "is in a worker's hands, has ended, or does not exist",
});

/** One by one, each with its event in one transaction; whoever is killed in between gives the same ids again. */
function handling({ name, about, type, carryOut, done, refused }: Handling): CliCommand {
  return {
    name,
    about,
    example: `lastgood ${name} 12 15`,
    declare: (command) =>
      command.argument("<message...>", "their numbers, as lastgood inbox lists them", (text, before: number[] = []) => [
        ...before,
        wholeNumberFrom(1)(text),
      ]),
    async run(command, { stateDir, output }) {
      const [ids] = command.processedArgs as [number[]]; // by its parser
      const { json: asJson } = command.opts<JsonOption>();
      const db = openForRequests(stateDir);
      const outcomes = ids.map((id) => ({ id, eventId: handle(db, id) }));
      db.close();
      for (const { id, eventId } of outcomes) {
        if (asJson) await output.print(json({ taskId: id, eventId }));
        else if (eventId !== null) await output.print(`message ${id} ${done}`);
        if (eventId === null) output.note(`message ${id} ${refused}`);
      }
      return outcomes.every(({ eventId }) => eventId !== null) ? EXIT.done : EXIT.failed;
    },
  };

  function handle(db: Database, id: number): number | null {
    return inTransaction(db, () => {
      if (!carryOut(db, id)) return null;
      return logEvent(db, null, type, { by: operatorName(), from: "cli", task_id: id });
    });
  }
}
