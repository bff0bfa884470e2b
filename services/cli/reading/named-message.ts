import type { Command } from "commander";
import type { Database } from "../../../shared/database.ts";
import { type MessageStory, readStory } from "../../../shared/message-story.ts";
import type { Cli } from "../command.ts";
import { wholeNumberFrom } from "../option-values.ts";
import { findMessage } from "./find-message.ts";
import { inPlaces } from "./places.ts";

/** For commands about one message: how it is named. */
export function declareMessage(command: Command): Command {
  return command
    .argument("<message>", "its number, the reference of an error line, or any event of it", wholeNumberFrom(1))
    .option("--event", "the number is an event's, also where a message has the same");
}

/** A message's story, what was read with it, and the archive that it was read from, if it has left the database. */
export interface Named<T> {
  readonly story: MessageStory;
  readonly more: T;
  readonly archive: string | null;
}

/** The message that was named, or null, and then it was said that there is none. */
export function readNamed<T>(
  command: Command,
  cli: Cli,
  readMore: (db: Database, story: MessageStory) => T,
): Named<T> | null {
  const [number] = command.processedArgs as [number]; // by its parser
  const { event: isEvent = false } = command.opts<{ event?: true }>();
  return inPlaces(cli, (places) => {
    const found = findMessage(places, number, isEvent);
    const story = found && readStory(found.place.db, found.messageId);
    if (!story) {
      cli.output.note(`there is no message ${number}, and no event ${number} of one, here or in an archive`);
      return null;
    }
    const { place, other } = found;
    if (other) cli.output.note(`event ${number} is of message ${other}: add --event for that one`);
    return { story, more: readMore(place.db, story), archive: place.archive };
  });
}

/** Where a message was read from, if that is worth a line. */
export function archiveLines({ archive }: Pick<Named<unknown>, "archive">): string[] {
  return archive === null ? [] : [`Read from ${archive}`];
}
