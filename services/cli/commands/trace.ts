import type { Database } from "../../../shared/database.ts";
import { isoTime } from "../../../shared/iso-time.ts";
import type { MessageStory } from "../../../shared/message-story.ts";
import { storyText } from "../../../shared/story-text.ts";
import { type CliCommand, EXIT, type JsonOption } from "../command.ts";
import type { Paint } from "../output.ts";
import { type EventTree, readTree } from "../reading/event-tree.ts";
import { archiveLines, declareMessage, type Named, readNamed } from "../reading/named-message.ts";
import { waterfall } from "../reading/waterfall.ts";
import { jsonLines } from "../text/json.ts";
import { treeForJson } from "../text/tree-text.ts";
import { waterfallLines } from "../text/waterfall-text.ts";
import { storyForJson } from "./why.ts";

export const trace: CliCommand = {
  name: "trace",
  about: "Show all attempts at a message, with what each was busy with, and when",
  example: "lastgood trace 12",
  declare: declareMessage,
  async run(command, cli) {
    const traced = readNamed(command, cli, treesOf);
    if (!traced) return EXIT.failed;
    const { json: asJson } = command.opts<JsonOption>();
    const attempts = traced.more.map((tree) => treeForJson(tree, true));
    await cli.output.print(
      ...(asJson ? jsonLines({ ...storyForJson(traced), attempts }) : traceLines(traced, cli.output.paint)),
    );
    return EXIT.done;
  },
};

function treesOf(db: Database, { attempts }: MessageStory): EventTree[] {
  return attempts.flatMap((id) => readTree(db, id, { depth: null, children: null }) ?? []);
}

/** How the message came and ended, and a waterfall for each attempt. */
function traceLines(traced: Named<readonly EventTree[]>, paint: Paint): string[] {
  const { story, more: trees } = traced;
  const [title = "", received = ""] = storyText(story).split("\n");
  const took = storyText(story).split("\n").at(-1) ?? "";
  return [
    paint("bold", title),
    `${received}, ${took.toLowerCase()}`,
    ...archiveLines(traced),
    ...trees.flatMap((tree) => ["", headOf(tree, paint), ...waterfallLines(waterfall(tree), paint)]),
  ];
}

function headOf({ timestamp, payload }: EventTree, paint: Paint): string {
  return paint("bold", `Attempt ${payload?.attempt}, ${isoTime(timestamp)}, worker ${payload?.process_id}`);
}
