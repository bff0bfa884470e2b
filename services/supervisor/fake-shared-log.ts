import type { SharedFileSeen, SharedLog } from "./journal/shared-log.ts";

export interface FakeSharedLog extends SharedLog {
  /** What is to be seen of the file from now on. */
  show(seen: Partial<SharedFileSeen>): void;
  /** What was asked of it, in order. */
  readonly asked: string[];
}

/** A shared file that is sound, and has every row of the journal under the same id, until it is shown otherwise. */
export function createFakeSharedLog(): FakeSharedLog {
  const sound = { trouble: null, foreign: [], soundings: 0, soundAt: 0, behind: 0, keepsRoom: false, skippedClaims: 0 };
  let seen: SharedFileSeen = sound;
  let looks = 0;
  const asked: string[] = [];
  return {
    asked,
    show(next) {
      seen = { ...seen, ...next };
    },
    begin: async () => true,
    turn: async () => {},
    flush: async () => seen.trouble === null,
    seen() {
      looks += 1;
      return seen.trouble === null ? { ...seen, soundings: looks } : seen;
    },
    sharedIdOf: (journalId) => journalId,
    async repair() {
      asked.push("repair");
      seen = { ...seen, foreign: [] };
      return true;
    },
    async replace() {
      asked.push("replace");
      seen = { ...seen, trouble: null, foreign: [] };
      return { setAside: "damaged.db" };
    },
    async giveRoom() {
      asked.push("give room");
      seen = { ...seen, keepsRoom: false };
    },
  };
}
