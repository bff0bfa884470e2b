/** What is wrong with the shared file. `damaged` is for good; of the others time may mend each. */
export interface Trouble {
  readonly kind: "locked" | "full" | "silent" | "refused" | "damaged";
  readonly reason: string;
}

/** What is known of the shared file, from outside. */
export interface SharedFileSeen {
  /** Null while all is well. */
  readonly trouble: Trouble | null;
  /** What is foreign in its schema. */
  readonly foreign: readonly string[];
  /** Another number each time that it was whole, and nobody held its lock. */
  readonly soundings: number;
  /** When it was last so, with nothing foreign in its schema, in Unix milliseconds. */
  readonly soundAt: number;
  /** Each of its pages was found whole after this event of the journal; 0 when this supervisor never asked. */
  readonly wholeAfter: number;
  /** For how long, in ms, nothing has been heard of the child that reads it. */
  readonly silentMs: number;
  /** How many rows of the journal it does not have yet. */
  readonly behind: number;
  /** Some room of its volume is kept back. */
  readonly keepsRoom: boolean;
  /** How many claims were none, since this supervisor began. */
  readonly skippedClaims: number;
}
