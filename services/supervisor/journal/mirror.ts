import { type Database, sql } from "../../../shared/database.ts";
import { eventsAfter, type LoggedEvent, newestEventId } from "../../../shared/event-log.ts";
import type { Scribe, Unable } from "../scribe/scribe.ts";
import type { MirroredRow } from "../scribe/shared-file.ts";
import { translated } from "./id-fields.ts";
import type { Ledger } from "./ledger.ts";

/** Every row of a decision fits in; the file is not locked for longer than it takes to write these. */
const BATCH = 200;
/** A worker's row was there before what was written last: among so many stands one that was not. */
const RECENT = 100;

/** `silent`: nothing was heard. */
export type Mirrored = { readonly kind: "all" } | { readonly kind: "silent" } | Unable;

export interface MirrorPorts {
  readonly journal: Database;
  readonly ledger: Ledger;
  readonly scribe: Pick<Scribe, "ask">;
}

export type Mirror = ReturnType<typeof createMirror>;

/**
 * Writes each row of the journal into the shared file: in order, once, with the journal's time, or the worker's where it
 * said it, and with every id in it translated. It may die at any point: rows that may be there already are looked for before they are written again.
 */
export function createMirror({ journal, ledger, scribe }: MirrorPorts) {
  /** Up to here a row may be in the shared file without the ledger knowing: a predecessor may have sent it. */
  let uncertainTo = newestEventId(journal);

  async function send(rows: readonly LoggedEvent[]): Promise<Mirrored> {
    const after = Math.max(0, ...ledger.newest(RECENT).map(({ sharedId }) => sharedId));
    const mirrored = rows.map((row) => toMirrored(row, ledger, row.id <= uncertainTo));
    uncertainTo = Math.max(uncertainTo, rows.at(-1)?.id ?? 0);
    const answer = await scribe.ask({ kind: "append", after, rows: mirrored });
    if (answer === null) return { kind: "silent" };
    if (answer.kind === "unable") return answer;
    if (answer.ids.length !== rows.length) return { kind: "silent" }; // it answers something else
    ledger.note(rows.map(({ id }, n) => ({ journalId: id, sharedId: answer.ids[n] ?? 0 })));
    return { kind: "all" };
  }

  return {
    /** How many rows the shared file does not have yet. */
    behind: () => Number(sql(journal, "SELECT count(*) FROM events WHERE id > ?").pluck().get(ledger.mirroredTo())),
    /** The ledger knows of each row that is in the shared file. */
    isCertain: () => ledger.mirroredTo() >= uncertainTo,
    /** Resolves when there is nothing more to write, or when it cannot be written. Never rejects. */
    async advance(): Promise<Mirrored> {
      for (;;) {
        const rows = nextRows(journal, ledger);
        const sent = rows.length === 0 ? null : await send(rows);
        if (sent === null) return { kind: "all" };
        if (sent.kind !== "all") return sent;
      }
    },
    /** What came after a row of the journal may be missing in the shared file: it is looked for, and written again. */
    doubt(after: number): void {
      ledger.forgetAfter(after);
      uncertainTo = newestEventId(journal);
    },
  };
}

/** A row that names another of the same batch waits for the next: only then is it known what that is called there. */
function nextRows(journal: Database, ledger: Ledger): LoggedEvent[] {
  const mirroredTo = ledger.mirroredTo();
  const rows = eventsAfter(journal, mirroredTo, BATCH);
  const namesNewer = (row: LoggedEvent) => {
    let isNewer = (row.parentId ?? 0) > mirroredTo;
    translated(row.eventType, row.payload ?? {}, (id) => {
      isNewer ||= id > mirroredTo && id < row.id;
      return null;
    });
    return isNewer;
  };
  const end = rows.findIndex((row, n) => n > 0 && namesNewer(row));
  return end === -1 ? rows : rows.slice(0, end);
}

function toMirrored(row: LoggedEvent, ledger: Ledger, uncertain: boolean): MirroredRow {
  const { timestamp, parentId, eventType, payload } = row;
  const claim = payload?.claim as MirroredRow["claim"]; // written by takeClaim alone
  return {
    timestamp: claim?.at ?? timestamp,
    parentId: parentId === null ? null : ledger.sharedIdOf(parentId),
    eventType,
    payload: payload === null ? null : JSON.stringify(translated(eventType, payload, ledger.sharedIdOf)),
    uncertain,
    ...(claim && { claim }),
  };
}
