import { type Database, sql } from "../../../shared/database.ts";
import { BOUNDED_PAYLOAD, KNOWN_ID, readPayload } from "../../../shared/stored-payload.ts";
import { createTally, TALLIED_PAYLOADS } from "../../../shared/tally.ts";
import { addTotals, archivedTotals, type Totals } from "../../../shared/totals.ts";

/** An event takes the walk a microsecond or so: no page waits for a slice for longer than some milliseconds. */
const SLICE = 1000;

const EVENTS = `
  SELECT id, substr(event_type, 1, 100) AS eventType,
         CASE WHEN event_type IN (${TALLIED_PAYLOADS.map((type) => `'${type}'`).join(", ")})
              THEN ${BOUNDED_PAYLOAD} END AS payload
    FROM events WHERE id > ? AND ${KNOWN_ID} ORDER BY id LIMIT ${SLICE}`;

interface Row {
  readonly id: number;
  readonly eventType: string;
  readonly payload: string | null;
}

export interface LiveTotals {
  /** Up to the newest event: the first time a walk over the log, slice by slice, and then over what is new. */
  read(db: Database): Promise<Totals>;
}

/** Totals over the whole log, kept up to date in memory. Several reads at once share one walk. */
export function createLiveTotals(): LiveTotals {
  let walk: Walk | null = null;
  let reading: Promise<Totals> | null = null;
  return {
    read(db) {
      reading ??= catchUp(db).finally(() => {
        reading = null;
      });
      return reading;
    },
  };

  async function catchUp(db: Database): Promise<Totals> {
    for (;;) {
      walk = walk && walk.lastId() <= newestId(db) ? walk : beginWalk(db); // else a backup was restored
      if (await walk.goOn(db)) return walk.totals();
      walk = null;
    }
  }
}

type Walk = ReturnType<typeof beginWalk>;

function beginWalk(db: Database) {
  // What is archived by now is counted by its totals; what is archived later was met by the walk, or it begins anew.
  const { archived, known } = db.transaction(() => ({ archived: archivedTotals(db), known: newestArchival(db) }))();
  const tally = createTally();
  let lastId = 0;

  function meet({ eventType, payload: text }: Row): Payload {
    const payload = readPayload(text);
    tally.count({ eventType, payload });
    return payload;
  }

  return {
    lastId: () => lastId,
    totals: (): Totals => addTotals(archived, tally.totals),
    /** False when events were archived that it had not met: it cannot be completed. */
    async goOn(db: Database): Promise<boolean> {
      const metBefore = lastId;
      for (;;) {
        const rows = sql(db, EVENTS).all(lastId) as Row[];
        for (const row of rows) {
          const payload = meet(row);
          lastId = row.id;
          if (row.eventType === "log.archived" && row.id > known && Number(payload?.to) > metBefore) return false;
        }
        if (rows.length < SLICE) return true;
        await anotherTurn();
      }
    },
  };
}

/** Lets pages be answered in between. */
function anotherTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Payload = Readonly<Record<string, unknown>> | null;

function newestId(db: Database): number {
  return Number(sql(db, `SELECT COALESCE(max(id), 0) FROM events WHERE ${KNOWN_ID}`).pluck().get());
}

function newestArchival(db: Database): number {
  return Number(sql(db, "SELECT COALESCE(max(id), 0) FROM events WHERE event_type = 'log.archived'").pluck().get());
}
