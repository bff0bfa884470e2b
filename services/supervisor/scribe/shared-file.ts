import type { LoggedEvent } from "../../../shared/event-log.ts";

/** A row of the shared file that the supervisor wrote once: it is known again by these. */
export interface Anchor {
  readonly id: number;
  readonly timestamp: number;
  readonly eventType: string;
}

/** A row of the journal on its way into the shared file: every id in it is the shared file's by now. */
export interface MirroredRow extends Omit<LoggedEvent, "id" | "payload"> {
  readonly payload: string | null;
  /** The row of the shared file that it was taken from, and its time: it need not be written again while that is there. */
  readonly claim?: { readonly id: number; readonly at: number };
  /** It may have been written before by somebody who died over it. */
  readonly uncertain: boolean;
}

/** What the schema was when it was made: SQLite's own texts, digested. */
export interface SchemaMade {
  readonly version: number;
  readonly digest: string;
}
