import { type Database, sql } from "../../../shared/database.ts";
import { createTally, TALLIED_PAYLOADS } from "../../../shared/tally.ts";
import { addTotals, archivedTotals, type Totals } from "../../../shared/totals.ts";
import { startOfUtcDay } from "../../../shared/utc-day.ts";

/** An event takes the walk a microsecond or so: no page waits for a slice for longer than some milliseconds. */
const SLICE = 1000;

const EVENTS = `
  SELECT id, timestamp, event_type AS eventType,
         CASE WHEN event_type IN (${TALLIED_PAYLOADS.map((type) => `'${type}'`).join(", ")})
              THEN payload END AS payload
    FROM events WHERE id > ? ORDER BY id LIMIT ${SLICE}`;

interface Row {
  readonly id: number;
  readonly timestamp: number;
  readonly eventType: string;
  readonly payload: string | null;
}

export interface LiveTotals {
  /** Up to the newest event: the first time a walk over the log, slice by slice, and then over what is new. */
  read(db: Database): Promise<LiveState>;
}

export interface LiveState {
  readonly totals: Totals;
  /** What the turns that ended on the newest turn's day (UTC) cost, and the first moment of that day. */
  readonly spent: { readonly since: number; readonly usd: number };
}

/** Totals over the whole log, kept up to date in memory. Several reads at once share one walk. */
export function createLiveTotals(): LiveTotals {
  let walk: Walk | null = null;
  let reading: Promise<LiveState> | null = null;
  return {
    read(db) {
      reading ??= catchUp(db).finally(() => {
        reading = null;
      });
      return reading;
    },
  };

  async function catchUp(db: Database): Promise<LiveState> {
    for (;;) {
      walk = walk && walk.lastId() <= newestId(db) ? walk : beginWalk(db); // else a backup was restored
      if (await walk.goOn(db)) return walk.state();
      walk = null;
    }
  }
}

type Walk = ReturnType<typeof beginWalk>;

function beginWalk(db: Database) {
  // What is archived by now is counted by its totals; what is archived later was met by the walk, or it begins anew.
  const { archived, known } = db.transaction(() => ({ archived: archivedTotals(db), known: newestArchival(db) }))();
  const tally = createTally();
  const spent = { since: 0, usd: 0 };
  let lastId = 0;

  function meet({ timestamp, eventType, payload: text }: Row): Payload {
    const payload = text === null ? null : (JSON.parse(text) as Payload);
    tally.count({ eventType, payload });
    if (eventType === "turn.completed" || eventType === "turn.failed") spend(timestamp, payload?.cost_usd);
    return payload;
  }

  function spend(timestamp: number, usd: unknown): void {
    const day = startOfUtcDay(timestamp);
    if (day > spent.since) Object.assign(spent, { since: day, usd: 0 });
    spent.usd += typeof usd === "number" ? usd : 0;
  }

  return {
    lastId: () => lastId,
    state: (): LiveState => ({ totals: addTotals(archived, tally.totals), spent: { ...spent } }),
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
  return Number(sql(db, "SELECT COALESCE(max(id), 0) FROM events").pluck().get());
}

function newestArchival(db: Database): number {
  return Number(sql(db, "SELECT COALESCE(max(id), 0) FROM events WHERE event_type = 'log.archived'").pluck().get());
}
