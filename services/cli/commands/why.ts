import { storyText } from "../../../shared/story-text.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { archiveLines, declareMessage, type Named, readNamed } from "../reading/named-message.ts";
import { json } from "../text/json.ts";

export const why: CliCommand = {
  name: "why",
  about: "Tell in ten lines what became of a message: waits, attempts, turns, tools, tokens, cost, sends",
  example: "lastgood why 12",
  declare: declareMessage,
  async run(command, cli) {
    const named = readNamed(command, cli, () => null);
    if (!named) return EXIT.failed;
    const { json: asJson } = command.opts<JsonOption>();
    await cli.output.print(
      ...(asJson ? [json(storyForJson(named))] : [...storyText(named.story).split("\n"), ...archiveLines(named)]),
    );
    return EXIT.done;
  },
};

export function storyForJson({ story, archive }: Named<unknown>): object {
  const { receivedAt, endedAt } = story;
  return {
    ...story,
    receivedAt: new Date(receivedAt),
    endedAt: endedAt === null ? null : new Date(endedAt),
    archive,
  };
}
