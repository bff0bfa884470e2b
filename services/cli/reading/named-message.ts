import type { Command } from "commander";
import type { Database } from "../../../shared/database.ts";
import { type MessageStory, readStory } from "../../../shared/message-story.ts";
import type { Cli } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import { findMessage } from "./find-message.ts";

/** For commands about one message: how it is named. */
export function declareMessage(command: Command): Command {
  return command
    .argument("<message>", "its number, the reference of an error line, or any event of it", wholeNumberFrom(1))
    .option("--event", "the number is an event's, also where a message has the same");
}

/** The story of the message that was named, or null, and then it was said that there is none. */
export function readNamed(db: Database, command: Command, { output }: Cli): MessageStory | null {
  const [number] = command.processedArgs as [number]; // by its parser
  const found = findMessage(db, number, command.opts<{ event?: true }>().event ?? false);
  const story = found && readStory(db, found.messageId);
  if (!story) output.note(`there is no message ${number} here, and no event ${number} of one; it may be in an archive`);
  if (found?.other) output.note(`event ${number} is of message ${found.other}: add --event for that one`);
  return story;
}
