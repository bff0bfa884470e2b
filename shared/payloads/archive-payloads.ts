import type { Totals } from "../totals.ts";

/** What an operator moved out of the log, or erased beside it. */
export interface ArchivePayloads {
  /** A slice that is in a file beside the database now; its events are gone from here with this one's commit. */
  "log.archived": {
    readonly by: string;
    readonly file: string;
    /** The first and the last event of it; null when none of its messages was ever begun. */
    readonly from: number | null;
    readonly to: number | null;
    /** Its events, as ids from … to …, without a gap in any: these and no others may be deleted. */
    readonly ranges: readonly (readonly [from: number, to: number])[];
    readonly count: number;
    readonly messages: number;
    /** Over its rows: see `digestOf` in services/cli/archive/slice.ts. */
    readonly sha256: string;
    readonly totals: Totals;
  };
  /** A backup took the database's place, which was put aside under a name; null when there was none. */
  "log.restored": {
    readonly by: string;
    readonly events: number;
    readonly messages: number;
    readonly kept: string | null;
    /** What became of the journal beside it: that of the backup took its place, or it stayed as it was. */
    readonly journal: "restored" | "stayed";
  };
  /** A chat's text was erased, at somebody's request; the events about it stay. */
  "chat.forgotten": { readonly by: string; readonly chat_id: number; readonly messages: number; readonly said: number };
}
