import type { ExitClass } from "../../shared/payloads/supervisor-payloads.ts";
import type { Exit } from "../../shared/worker-state.ts";
import { isCrash } from "./exits.ts";

/** What a worker says of a message at which workers ended while it ran alone. A claim: any of it may be invented. */
export interface SetAsideClaim {
  /** The events of those exits, as the claim names them. */
  readonly exits: readonly number[];
  readonly at: number;
}

const HOUR_MS = 60 * 60 * 1000;

/** A message is set aside at its second exit: three such messages an hour. What ends more often is no message's doing. */
const MOST_AN_HOUR = 6;

/**
 * The exits without those that were one message's doing: it ran alone, and was set aside. Only a revision that is
 * promoted is excused, since it answered many messages before this one; on probation an exit counts, whatever it says.
 * An exit is excused when it is one that a message can cause, and a claim names it within an hour after it.
 *
 * @param exits of one revision since it was taken up, newest first
 */
export function withoutExcused(
  exits: readonly Exit[],
  setAside: readonly SetAsideClaim[],
  promoted: boolean,
): readonly Exit[] {
  if (!promoted) return exits;
  const excused: Exit[] = [];
  const counted = exits.toReversed().filter((exit) => {
    const recent = excused.filter(({ at }) => exit.at - at < HOUR_MS);
    const isExcused = recent.length < MOST_AN_HOUR && mayBeAMessages(exit.class) && setAside.some(names(exit));
    if (isExcused) excused.push(exit);
    return !isExcused;
  });
  return counted.reverse();
}

function mayBeAMessages(exitClass: ExitClass): boolean {
  return isCrash(exitClass) || exitClass === "hang";
}

const names = (exit: Exit) => (claim: SetAsideClaim) =>
  claim.exits.includes(exit.eventId) && claim.at >= exit.at && claim.at - exit.at <= HOUR_MS;
