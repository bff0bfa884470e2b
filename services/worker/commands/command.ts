import type { Database } from "../../../shared/database.ts";
import type { StoredReply } from "../../../shared/stored-reply.ts";
import type { Task } from "../queue/claims.ts";

/** What a person can ask of the bot itself: `/name`, in the lane beside the messages. */
export interface Command {
  /** Without the slash. */
  readonly name: string;
  /** One line, for /help and for Telegram's list. */
  readonly about: string;
  readonly ownersOnly?: true;
  /**
   * Carries it out, in the transaction that stores its reply: what it appends and changes is committed with that or not
   * at all. It waits for nothing, and reaches nothing but the database.
   */
  run(call: Call): Answer;
}

/** The same for a button under a message of ours, whose data is `name:argument`. */
export type Press = Omit<Command, "about">;

export interface Call {
  readonly db: Database;
  /** Unix milliseconds. */
  readonly now: number;
  readonly task: Task;
  /** What follows the name; empty when nothing does. */
  readonly argument: string;
  readonly isOwner: boolean;
}

export interface Answer extends StoredReply {
  /** What this process does once all is committed; dying before it, the next one needs it no more. */
  readonly after?:
    | { readonly kind: "abort"; readonly taskId: number }
    | { readonly kind: "await an owner" }
    /** Of the pressed message only this text is left: its buttons do nothing any more. */
    | { readonly kind: "take the buttons away"; readonly text: string };
}
