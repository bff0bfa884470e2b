import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Database } from "../../../shared/database.ts";
import { watchDatabase } from "../../../shared/database-watch.ts";
import { newestClaimId } from "./look-at-rows.ts";
import { createScribeTasks } from "./scribe-tasks.ts";

/**
 * The scribe's process: a question a line on standard input, an answer a line on standard output, and a line of news
 * when a row came that a decision may depend on. It may die or fall silent over the file at any moment, and goes when
 * its standard input ends. Its one argument is the directory of the shared file.
 */
const tasks = createScribeTasks(join(process.argv[2] ?? "/state", "lastgood.db"), followNews);

createInterface({ input: process.stdin })
  .on("line", (line) => say(tasks.answer(JSON.parse(line))))
  .on("close", () => process.exit(0));

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function followNews(db: Database, signal: AbortSignal): void {
  let seen = newestClaimId(db);
  const look = () => {
    const newest = newestClaimId(db);
    if (newest !== seen) say({ kind: "news" });
    seen = newest;
  };
  watchDatabase(db, look, signal);
}
