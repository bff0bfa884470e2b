import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import type { Exit } from "../../shared/worker-state.ts";
import { type CrashLoopPolicy, isCrashLooping } from "./crash-loop.ts";
import { countsAgainstRevision } from "./exits.ts";

/** What is known of a revision since it was taken up, by a deploy or as a rollback's target. */
export interface Run {
  /** It passed a probation since then. Until it has, little is forgiven: something good is there to go back to. */
  readonly promoted: boolean;
  /** Newest first. */
  readonly exits: readonly Exit[];
  /** What it left of the shared file had to be put right. */
  readonly brokeTheState: boolean;
  /** There was room on the state volume when it was deployed, and there is none now. */
  readonly filledTheDisk: boolean;
  /** The worker before it, of another revision, was polling when it was stopped for this one. */
  readonly predecessorPolled: boolean;
}

/** Why a revision is bad. Alike verdicts on different revisions have the same reason. */
export interface Verdict {
  readonly kind: "crash loop" | "failed probation" | "hangs";
  readonly reason: string;
}

/** A second hang within this is no accident. */
const HANG_WINDOW_MS = 60 * 60 * 1000;
/** An upstream that took the predecessor and gives up on this one for so long gives up on this one. */
const UPSTREAM_PATIENCE_MS = 5 * 60 * 1000;

/** Whether a revision is bad, and why; null while it is not. */
export function verdictOn(run: Run, policy: CrashLoopPolicy): Verdict | null {
  return verdictOnAny(run.exits, policy) ?? (run.promoted ? verdictOnPromoted(run.exits) : verdictInProbation(run));
}

function verdictOnAny(exits: readonly Exit[], policy: CrashLoopPolicy): Verdict | null {
  if (!isCrashLooping(exits, policy)) return null;
  const { crashThreshold, crashWindowSeconds } = policy;
  const reason = `${crashThreshold} exits in a row, each less than ${crashWindowSeconds} s after it was ready`;
  return { kind: "crash loop", reason };
}

function verdictOnPromoted(exits: readonly Exit[]): Verdict | null {
  const [newest, before] = exits.filter((exit) => exit.class === "hang" || exit.class === "broke the state");
  if (!newest || !before || newest.at - before.at > HANG_WINDOW_MS) return null;
  const isHang = newest.class === "hang" && before.class === "hang";
  return {
    kind: "hangs",
    reason: isHang ? "it hung twice within an hour" : "it broke the state, or hung, twice within an hour",
  };
}

/** Of the good revision that was there before, nothing is known to do that: once is enough. */
const AT_ONCE: ReadonlySet<ExitClass> = new Set(["hang", "broke the state", "filled the disk"]);

function verdictInProbation({ exits, predecessorPolled, brokeTheState, filledTheDisk }: Run): Verdict | null {
  const counted = exits.filter((exit) => countsAgainstRevision(exit.class));
  const atOnce = counted.find((exit) => AT_ONCE.has(exit.class));
  if (atOnce) return failed(`${atOnce.class} in its probation`);
  if (filledTheDisk) return failed("filled the disk in its probation");
  if (brokeTheState) return failed("broke the state in its probation");
  const early = counted.find((exit) => exit.class === "configuration" || exit.readySeconds === null);
  if (early) return failed(early.class === "never ready" ? early.class : `${early.class} before it was ready`);
  if (counted.length >= 2) return failed(`a second exit in its probation: ${counted[0]?.class}`);
  const givenUpOn = exits.filter((exit) => exit.class === "upstream");
  const span = (givenUpOn[0]?.at ?? 0) - (givenUpOn.at(-1)?.at ?? 0);
  if (predecessorPolled && span >= UPSTREAM_PATIENCE_MS) return failed("its upstream gives up on it alone");
  return null;
}

function failed(reason: string): Verdict {
  return { kind: "failed probation", reason };
}
