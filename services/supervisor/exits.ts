import type { ExitClass } from "../../shared/event-types.ts";
import { EXIT_CONFIGURATION } from "../../shared/setup-error.ts";

/** sysexits.h, EX_TEMPFAIL: the worker says that an upstream gave up on it for now. */
const EXIT_UPSTREAM = 75;

/** What is known of a worker that is no longer running. */
export interface ExitEvidence {
  /** We set out to stop it. */
  readonly asked: boolean;
  /** Its container is gone, so nothing more is known. */
  readonly removed: boolean;
  /** Why the engine could not start it, null when it did. */
  readonly startError: string | null;
  readonly exitCode: number | null;
  readonly oom: boolean;
}

export function classifyExit(evidence: ExitEvidence): ExitClass {
  if (evidence.asked) return "asked";
  if (evidence.removed) return "removed";
  if (evidence.startError !== null) return "start failed";
  if (evidence.exitCode === EXIT_CONFIGURATION) return "configuration";
  if (evidence.exitCode === EXIT_UPSTREAM) return "upstream";
  if (evidence.oom) return "out of memory";
  return "crash"; // with any code, also 0: nobody asked it to leave
}

/** Whether an exit speaks against the revision that ran. */
export function countsAgainstRevision(exitClass: ExitClass): boolean {
  return exitClass !== "asked" && exitClass !== "removed" && exitClass !== "upstream";
}

/** A process that a signal ended exits with 128 + its number (POSIX shells, runc); these are the ones met in practice. */
const SIGNALS: Readonly<Record<number, string>> = {
  129: "SIGHUP",
  130: "SIGINT",
  131: "SIGQUIT",
  132: "SIGILL",
  133: "SIGTRAP",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
  143: "SIGTERM",
};

export function signalOf(exitCode: number | null): string | null {
  return exitCode === null ? null : (SIGNALS[exitCode] ?? null);
}
