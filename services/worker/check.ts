import { join } from "node:path";
import { processSettings, readSettings } from "../../shared/config.ts";
import { assertLocalFileSystem, assertSqliteVersion, openReadOnly } from "../../shared/database.ts";
import { requireSchema } from "../../shared/schema.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { agentSettings } from "./agent/agent-settings.ts";
import { budgetSettings } from "./control/budget-settings.ts";
import { workerSettings } from "./settings.ts";

/**
 * Whether this image could run here, asked before a deploy beside the worker that still runs: it reads the settings and
 * the database, and writes nothing. What it is given then is no secret and no state: texts of the secrets' form, and a
 * database of the same schema without a row. That it can be asked means that the libraries load. Throws one SetupError
 * that lists every problem.
 */
export function check(): void {
  const problems = [checkSettings, checkDatabase].flatMap(problemsOf);
  if (problems.length > 0) throw new SetupError(problems);
}

function checkSettings(): void {
  const settings = readSettings(workerSettings);
  agentSettings(settings);
  budgetSettings(settings);
}

function checkDatabase(): void {
  const { STATE_DIR } = readSettings({ STATE_DIR: processSettings.STATE_DIR });
  assertLocalFileSystem(STATE_DIR);
  const db = openReadOnly(join(STATE_DIR, "lastgood.db"));
  try {
    assertSqliteVersion(db);
    requireSchema(db);
  } finally {
    db.close();
  }
}

function problemsOf(look: () => void): readonly string[] {
  try {
    look();
    return [];
  } catch (error) {
    if (error instanceof SetupError) return error.problems;
    throw error;
  }
}
