import type { EventPayloads } from "../../shared/event-types.ts";
import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import { EXIT_CONFIGURATION } from "../../shared/setup-error.ts";

/** sysexits.h, EX_TEMPFAIL: the worker says that an upstream gave up on it for now. */
const EXIT_UPSTREAM = 75;
/** 128 + SIGKILL: what the kernel's out-of-memory killer leaves, and also every other kill. */
const EXIT_KILLED = 137;

/** What is known of a worker that is no longer running. */
export interface ExitEvidence {
  /** Why we set out to stop it, null when we did not. */
  readonly stopping: EventPayloads["worker.stopping"]["cause"] | null;
  /** Its container is gone, so nothing more is known. */
  readonly removed: boolean;
  /** Why the engine could not start it, null when it did. */
  readonly startError: string | null;
  readonly exitCode: number | null;
  /** As it ended, a process in its container was killed for want of memory: itself, or a child it could not do without. */
  readonly oom: boolean;
  /** The engine was asked to signal it, and not by us. */
  readonly signalled: boolean;
  /** The shared file was locked until it ended, and is free now. */
  readonly freedTheLock: boolean;
  /** It ended before this supervisor began to watch. */
  readonly unwatched: boolean;
}

export function classifyExit(evidence: ExitEvidence): ExitClass {
  const { stopping, exitCode } = evidence;
  if (stopping) return stopping;
  if (evidence.removed) return "removed";
  if (evidence.startError !== null) return "start failed";
  if (exitCode === EXIT_CONFIGURATION) return "configuration";
  // Whoever cannot get a lock leaves with that, too: also who holds it, by another connection.
  if (exitCode === EXIT_UPSTREAM) return evidence.freedTheLock ? "hang" : "upstream";
  if (evidence.signalled) return "stopped from outside";
  if (evidence.unwatched) return "host went away";
  if (evidence.oom && exitCode === EXIT_KILLED) return "out of memory";
  return "crash"; // with any code, also 0: nobody asked it to leave
}

/** A container ends within milliseconds of such a kill of its worker; this is for a machine that has much to do. */
const SAME_DEATH_MS = 1000;

/** Whether an out-of-memory kill belongs to a worker's end; one long before it was of a child, which the worker outlived. */
export function endedForMemory(killedAt: number | null, finishedAt: number): boolean {
  return killedAt !== null && Math.abs(finishedAt - killedAt) < SAME_DEATH_MS;
}

const NOBODYS_FAULT: ReadonlySet<ExitClass> = new Set(["asked", "stopped from outside", "removed", "host went away"]);

/** Whether an exit says nothing about the worker: it is started again at once, and no row of failures goes on. */
export function isNobodysFault(exitClass: ExitClass): boolean {
  return NOBODYS_FAULT.has(exitClass);
}

/** Whether a worker that ran ended by itself, for all that is known. */
export function isCrash(exitClass: ExitClass): boolean {
  return exitClass === "crash" || exitClass === "out of memory";
}

/** Whether an exit speaks against the revision that ran. */
export function countsAgainstRevision(exitClass: ExitClass): boolean {
  return exitClass !== "upstream" && !isNobodysFault(exitClass);
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
