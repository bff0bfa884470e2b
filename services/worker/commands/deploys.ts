import { presentChat } from "../../../shared/chat-state.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../../shared/image-reference.ts";
import { encodeReply, replyOf } from "../../../shared/stored-reply.ts";
import type { Task } from "../queue/claims.ts";
import type { Answer, Call, Command, Press } from "./command.ts";
import { parseCommand } from "./parse-command.ts";

/**
 * A wish is asked back first. The buttons carry the command's row, which has the revision, and loses its buttons when it
 * is decided: pressed again, it does nothing.
 */
export const deployCommands: readonly Command[] = [
  {
    name: "deploy",
    about: "deploy an image: /deploy image:tag",
    ownersOnly: true,
    run: ({ task, argument }) =>
      isImageReference(argument)
        ? askBack(`Deploy ${argument}?`, "deploy", task.id)
        : { text: `Say which: /deploy image:tag. ${NO_IMAGE_REFERENCE}` },
  },
  {
    name: "rollback",
    about: "go back to the previous good revision, or to an image:tag",
    ownersOnly: true,
    run: ({ task, argument }) => {
      if (isNoReference(argument)) return { text: `Say which: /rollback image:tag. ${NO_IMAGE_REFERENCE}` };
      return askBack(`Roll back to ${argument || "the previous good revision"}?`, "rollback", task.id);
    },
  },
];

export const deployButtons: readonly Press[] = [
  {
    name: "deploy",
    ownersOnly: true,
    run: (call) =>
      decide(call, ({ db, task }, argument) =>
        logEvent(db, null, EventType.DeployRequested, { ...askedIn(task.chatId), revision: argument }),
      ),
  },
  {
    name: "rollback",
    ownersOnly: true,
    run: (call) =>
      decide(call, ({ db, task }, argument) =>
        logEvent(db, null, EventType.RollbackRequested, { ...askedIn(task.chatId), revision: argument || null }),
      ),
  },
  { name: "cancel", ownersOnly: true, run: (call) => decide(call, () => null) },
];

/** A rollback need not name one. Whether there is such an image, the supervisor finds out. */
const isNoReference = (argument: string) => argument !== "" && !isImageReference(argument);

/** `by` is the chat, so that the outcome finds its way back. */
const askedIn = (chatId: number) => ({ by: String(chatId), from: "chat" }) as const;

function askBack(text: string, name: "deploy" | "rollback", taskId: number): Answer {
  const yes = { text: name === "deploy" ? "Deploy" : "Roll back", data: `${name}:${taskId}` };
  return { text, buttons: [[yes, { text: "Cancel", data: `cancel:${taskId}` }]] };
}

function decide(call: Call, request: (call: Call, argument: string) => number | null): Answer {
  const command = undecided(call.db, Number(call.argument), call.task);
  if (!command) return { text: "That was decided already." };
  const { id, question: text, argument } = command;
  // Asked back by an older image, which took more for a reference.
  if (isNoReference(argument)) return { text: NO_IMAGE_REFERENCE, after: { kind: "take the buttons away", text } };
  sql(call.db, "UPDATE inbox SET reply = ? WHERE id = ?").run(encodeReply({ text }), id);
  const requestId = request(call, argument);
  const told = requestId === null ? "Cancelled." : `Asked for, as request ${requestId}. The outcome comes here.`;
  return { text: told, after: { kind: "take the buttons away", text } };
}

interface Asked {
  readonly text: string | null;
  readonly chatId: number;
}

/** Null unless the question of that row, in this chat, still has the very button that was pressed: data can be forged. */
function undecided(db: Database, id: number, { chatId, text: pressed }: Task) {
  const question = replyOf(db, id);
  const asked = sql(db, "SELECT text, chat_id AS chatId FROM inbox WHERE id = ?").get(id) as Asked | undefined;
  const isOfThisChat = asked !== undefined && presentChat(db, asked.chatId) === chatId;
  const command = isOfThisChat && asked.text !== null ? parseCommand(asked.text) : null;
  const isOffered = question?.buttons?.flat().some(({ data }) => data === pressed) ?? false;
  return question && isOffered && command ? { id, question: question.text, argument: command.argument } : null;
}
