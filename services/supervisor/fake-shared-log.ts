import type { SharedFileSeen } from "./journal/shared-file-seen.ts";
import type { SharedLog } from "./journal/shared-log.ts";

export interface FakeSharedLog extends SharedLog {
  /** What is to be seen of the file from now on. */
  show(seen: Partial<SharedFileSeen>): void;
  /** Somebody holds its lock until the next look at it. */
  lockForAMoment(): void;
  /** A page of it is broken, which nobody notices who does not read that. */
  breakPage(): void;
  /** What was asked of it, in order. */
  readonly asked: string[];
}

/** A shared file that is sound, and has every row of the journal under the same id, until it is shown otherwise. */
export function createFakeSharedLog(): FakeSharedLog {
  let seen: SharedFileSeen = {
    ...{
      trouble: null,
      foreign: [],
      soundings: 0,
      soundAt: 0,
      wholeAfter: 0,
      silentMs: 0,
      behind: 0,
      keepsRoom: false,
    },
    skippedClaims: 0,
  };
  let isBroken = false;
  let checkedAfter = 0;
  let isLocked = false;
  let looks = 0;
  const asked: string[] = [];
  return {
    asked,
    show(next) {
      seen = { ...seen, ...next };
    },
    breakPage() {
      isBroken = true;
    },
    begin: async () => true,
    lockForAMoment() {
      isLocked = true;
      seen = { ...seen, trouble: { kind: "locked", reason: "somebody holds the lock" } };
    },
    async turn() {
      if (isLocked) seen = { ...seen, trouble: null };
      isLocked = false;
    },
    flush: async () => seen.trouble === null,
    seen() {
      looks += 1;
      return seen.trouble === null ? { ...seen, soundings: looks } : seen;
    },
    sharedIdOf: (journalId) => journalId,
    async check(after) {
      asked.push("check");
      checkedAfter = after;
      const trouble = { kind: "damaged", reason: "a page is broken" } as const;
      seen = isBroken ? { ...seen, trouble, soundAt: 0 } : { ...seen, wholeAfter: after };
    },
    async repair() {
      asked.push("repair");
      seen = { ...seen, foreign: [] };
      return true;
    },
    async replace() {
      asked.push("replace");
      isBroken = false;
      seen = { ...seen, trouble: null, foreign: [], wholeAfter: checkedAfter };
      return { setAside: "damaged.db" };
    },
    async giveRoom() {
      asked.push("give room");
      seen = { ...seen, keepsRoom: false };
    },
  };
}
