import { existsSync } from "node:fs";
import { join } from "node:path";
import { openReadOnly } from "../../../shared/database.ts";
import { newestEventId } from "../../../shared/event-log.ts";
import { JOURNAL_FILE } from "../../../shared/files.ts";
import { whyUnreadable } from "../../../shared/why-unreadable.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

/** The supervisor's journal, where it can be seen from here. */
export function lookAtJournal(ownDir: string | null): Finding[] {
  if (ownDir === null) return [];
  const file = join(ownDir, JOURNAL_FILE);
  if (!existsSync(file))
    return [warning("journal", `there is none in ${ownDir} yet`, "Start the supervisor: it makes one from the log.")];
  try {
    return [readAll(file)];
  } catch (error) {
    const why = whyUnreadable(error);
    if (why === null) throw error;
    return [bad("journal", why, REMEDY)];
  }
}

const REMEDY = "With everything stopped, restore a backup that has it: lastgood restore --journal.";

function readAll(file: string): Finding {
  const db = openReadOnly(file);
  try {
    const problem = db.pragma("quick_check(1)", { simple: true });
    if (problem !== "ok") return bad("journal", `it is damaged: ${problem}`, REMEDY);
    return good("journal", `${file} is whole, up to its event ${newestEventId(db)}`);
  } finally {
    db.close();
  }
}
