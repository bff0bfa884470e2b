import type { Mutant } from "./mutants.ts";

/** A change that no test needs to notice, and why. The line's text finds it again, so code may move. */
export interface Accepted extends Pick<Mutant, "path" | "lineText" | "change"> {
  readonly reason: string;
}

export const ACCEPTED: readonly Accepted[] = [];

export function isAccepted(mutant: Mutant): boolean {
  return ACCEPTED.some((accepted) => isSame(accepted, mutant));
}

/** Those about these files that fit no change of them any more. */
export function findStale(mutants: readonly Mutant[], paths: readonly string[]): Accepted[] {
  return ACCEPTED.filter(
    (accepted) => paths.includes(accepted.path) && !mutants.some((mutant) => isSame(accepted, mutant)),
  );
}

function isSame(accepted: Accepted, mutant: Mutant): boolean {
  return accepted.path === mutant.path && accepted.lineText === mutant.lineText && accepted.change === mutant.change;
}
