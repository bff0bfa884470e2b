import { remedyFor } from "../../shared/remedy.ts";
import { type Cli, EXIT } from "./command.ts";

/**
 * The exit code of a command. What the operating system or SQLite refuses while it runs, as a full disk, is nobody's bug
 * and is told in a line; so is nothing at all once Ctrl-C has cut it short. Rejects with anything else.
 */
export async function runCommand(run: () => Promise<number>, { output, signal }: Cli): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (signal.aborted && (error as { name?: unknown } | null)?.name === "AbortError") return EXIT.interrupted;
    const refusal = refusalIn(error);
    if (refusal === null) throw error;
    output.note(refusal);
    return EXIT.failed;
  }
}

/** SQLite's own words for a mistake of ours. */
const BUGS = /^SQLITE_(ERROR|MISUSE|RANGE|MISMATCH|CONSTRAINT)/;

function refusalIn(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return null;
  if (error.code === "EPIPE") return "whoever read standard output went away before the end";
  if (/^SQLITE_/.test(error.code)) {
    return BUGS.test(error.code) ? null : `${error.message} (${error.code}). ${remedyFor(error.code) ?? ""}`.trim();
  }
  return /^E[A-Z0-9]+$/.test(error.code) ? error.message : null;
}
