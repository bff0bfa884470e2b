import type { Database } from "../../../shared/database.ts";
import type { MessageStory } from "../../../shared/message-story.ts";
import { storyText } from "../../../shared/story-text.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import type { Paint } from "../output.ts";
import { type EventTree, readTree } from "../reading/event-tree.ts";
import { declareMessage, readNamed } from "../reading/named-message.ts";
import { waterfall } from "../reading/waterfall.ts";
import { openForReading } from "../state-database.ts";
import { visible } from "../text/event-text.ts";
import { json } from "../text/json.ts";
import { treeForJson } from "../text/tree-text.ts";
import { waterfallLines } from "../text/waterfall-text.ts";
import { storyForJson } from "./why.ts";

export const trace: CliCommand = {
  name: "trace",
  about: "Show all attempts at a message, with what each was busy with, and when",
  example: "lastgood trace 12",
  declare: declareMessage,
  async run(command, cli) {
    const db = openForReading(cli.stateDir);
    const traced = db.transaction(() => {
      const story = readNamed(db, command, cli);
      return story && { story, trees: treesOf(db, story) };
    })();
    db.close();
    if (!traced) return EXIT.failed;
    const { json: asJson } = command.opts<JsonOption>();
    const { story, trees } = traced;
    const attempts = trees.map((tree) => treeForJson(tree, true));
    await cli.output.print(
      ...(asJson ? [json({ ...storyForJson(story), attempts }, 2)] : traceLines(story, trees, cli.output.paint)),
    );
    return EXIT.done;
  },
};

function treesOf(db: Database, { attempts }: MessageStory): EventTree[] {
  return attempts.flatMap((id) => readTree(db, id, { depth: null, children: null }) ?? []);
}

/** How the message came and ended, and a waterfall for each attempt. */
function traceLines(story: MessageStory, trees: readonly EventTree[], paint: Paint): string[] {
  const [title = "", received = ""] = storyText(story).split("\n");
  const took = storyText(story).split("\n").at(-1) ?? "";
  return [
    paint("bold", visible(title)),
    `${received}, ${took.toLowerCase()}`,
    ...trees.flatMap((tree) => ["", headOf(tree, paint), ...waterfallLines(waterfall(tree), paint)]),
  ];
}

function headOf({ timestamp, payload }: EventTree, paint: Paint): string {
  return paint(
    "bold",
    `Attempt ${payload?.attempt}, ${new Date(timestamp).toISOString()}, worker ${payload?.process_id}`,
  );
}
