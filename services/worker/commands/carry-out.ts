import type { Clock } from "../../../shared/clock.ts";
import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import type { Logger } from "../../../shared/logging.ts";
import { encodeReply } from "../../../shared/stored-reply.ts";
import { type AccessSettings, isOwner } from "../intake/access.ts";
import { placesFault } from "../place-fault.ts";
import { markReplying, type Task } from "../queue/claims.ts";
import type { Answer, Command, Press } from "./command.ts";
import { BUTTONS, COMMANDS } from "./commands.ts";
import { parseCommand } from "./parse-command.ts";

export interface CarryOutPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

const UNKNOWN = "I do not know that command. /help lists what I can do.";
const NO_BUTTON = "That button does nothing any more.";
const OWNERS_ONLY = "Only this bot's owner may do that.";
const FAILED = "command_failed";

/**
 * Carries a command or the press of a button out, and stores its reply, in one transaction: a restart neither repeats
 * nor loses it. Returns what is left to do in this process. A command that fails is a bug, and is told as one: the
 * worker lives, because the next one would claim the very same command.
 */
export function carryOut({ db, clock, log }: CarryOutPorts, access: AccessSettings, task: Task): Answer["after"] {
  try {
    return inTransaction(db, () => {
      const { after, ...reply } = answerTo({ db, now: clock.now() }, access, task);
      sql(db, "UPDATE inbox SET reply = ? WHERE id = ?").run(encodeReply(reply), task.id);
      markReplying(db, task, null);
      return after;
    });
  } catch (error) {
    if (placesFault(error) !== null) throw error; // the next worker carries it out
    log.error({ err: error, event_id: task.agentId, task_id: task.id }, "a command failed");
    markReplying(db, task, FAILED);
    return undefined;
  }
}

function answerTo(moment: { db: Database; now: number }, access: AccessSettings, task: Task): Answer {
  const { asked, argument } = find(task);
  if (!asked) return { text: task.kind === "button" ? NO_BUTTON : UNKNOWN };
  const mayDoAll = isOwner(moment.db, access, task);
  if (asked.ownersOnly && !mayDoAll) return { text: OWNERS_ONLY };
  return asked.run({ ...moment, task, argument, isOwner: mayDoAll });
}

/** What our buttons carry: their own name, and the id of a row. */
const PRESSED = /^([a-z]+):([1-9]\d{0,15})$/;

function find({ kind, text }: Task): { readonly asked: Command | Press | undefined; readonly argument: string } {
  if (kind === "button") {
    const [, name, argument = ""] = PRESSED.exec(text) ?? [];
    return { asked: BUTTONS.find((button) => button.name === name), argument };
  }
  const { name, argument } = parseCommand(text) ?? { name: "", argument: "" };
  return { asked: COMMANDS.find((command) => command.name === name), argument };
}
