import type { MessageStory } from "../../../shared/message-story.ts";
import { storyText } from "../../../shared/story-text.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { declareMessage, readNamed } from "../reading/named-message.ts";
import { openForReading } from "../state-database.ts";
import { visible } from "../text/event-text.ts";
import { json } from "../text/json.ts";

export const why: CliCommand = {
  name: "why",
  about: "Tell in ten lines what became of a message: waits, attempts, turns, tools, tokens, cost, sends",
  example: "lastgood why 12",
  declare: declareMessage,
  async run(command, cli) {
    const db = openForReading(cli.stateDir);
    const story = db.transaction(() => readNamed(db, command, cli))();
    db.close();
    if (!story) return EXIT.failed;
    const { json: asJson } = command.opts<JsonOption>();
    await cli.output.print(...(asJson ? [json(storyForJson(story))] : storyText(story).split("\n").map(visible)));
    return EXIT.done;
  },
};

export function storyForJson({ receivedAt, endedAt, ...story }: MessageStory): object {
  return { ...story, receivedAt: new Date(receivedAt), endedAt: endedAt === null ? null : new Date(endedAt) };
}
