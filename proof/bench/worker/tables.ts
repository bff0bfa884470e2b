import { nextMessages } from "../../../services/worker/queue/claimable.ts";
import { claimMessages, complete, markReplying } from "../../../services/worker/queue/claims.ts";
import { type Database, inTransaction } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { deriveOffset } from "../../../shared/inbox.ts";
import { temporaryDatabase } from "../../../shared/temporary-database.ts";
import { type Measurement, median } from "../measurement.ts";

const EVENTS = 20_000;
/** So many at a time, in a transaction, as a worker under load commits them with everything else. */
const BATCH = 100;

/** Appending an event, against the bare insert of the same row into the same table: how many in a second. */
export function events(samples: number): Measurement[] {
  const bare: number[] = [];
  const logged: number[] = [];
  for (let sample = 0; sample < samples + 1; sample += 1) {
    bare.push(appendsPerSecond((db, parent) => bareAppend(db, parent)));
    logged.push(appendsPerSecond((db, parent) => () => logEvent(db, parent, "reply.sent", PAYLOAD)));
  }
  return [
    {
      name: "logEvent",
      unit: "/s",
      goal: { atLeastTimesPeer: 0.8 },
      samples: logged.slice(1), // the first round compiles
      peer: { name: "bare insert", samples: bare.slice(1) },
    },
  ];
}

const PAYLOAD = { chat_id: 1001, message_id: 4711, part: 1, parts: 1 } as const;

function bareAppend(db: Database, parent: number): () => void {
  const insert = db.prepare("INSERT INTO events (parent_id, event_type, payload) VALUES (?, ?, ?)");
  const payload = JSON.stringify(PAYLOAD);
  return () => void insert.run(parent, "reply.sent", payload);
}

function appendsPerSecond(appender: (db: Database, parent: number) => () => void): number {
  const temporary = temporaryDatabase();
  const { db } = temporary;
  const append = appender(db, processStarted(db));
  const startedAt = performance.now();
  for (let count = 0; count < EVENTS; count += BATCH) {
    inTransaction(db, () => {
      for (let at = 0; at < BATCH; at += 1) append();
    });
  }
  const perSecond = EVENTS / ((performance.now() - startedAt) / 1000);
  temporary.remove();
  return perSecond;
}

/** A claim, its agent.started and the commit of both included, beside few, many and very many done messages, in µs. */
export function claims(samples: number): Measurement[] {
  const [few, many, most] = timesBeside([1000, 200_000, 1_000_000], samples, timeToClaim);
  const [foundBesideFew, found] = timesBeside([1000, 200_000], samples, timeToFind);
  const peer = { name: "beside 1,000", samples: few };
  return [
    { name: "claim beside 200,000 done messages", unit: "µs", goal: { atMost: 200 }, samples: many, peer },
    { name: "claim beside 1,000,000", unit: "µs", goal: { timesPeer: 1.5 }, samples: most, peer },
    {
      name: "of it, finding the message, beside 200,000",
      unit: "µs",
      goal: { atMost: 200 },
      samples: found,
      peer: { name: "beside 1,000", samples: foundBesideFew },
    },
  ];
}

/** Deriving Telegram's offset, in µs. */
export function offsets(samples: number): Measurement[] {
  const [few, most] = timesBeside([1000, 1_000_000], samples, (db) => times(() => deriveOffset(db, 1)));
  const peer = { name: "beside 1,000", samples: few ?? [] };
  return [{ name: "offset beside 1,000,000 rows", unit: "µs", goal: { timesPeer: 1.5 }, samples: most ?? [], peer }];
}

/** In turns, so that a moment in which the machine is slow meets each of them. */
function timesBeside(
  sizes: readonly number[],
  samples: number,
  time: (db: Database, processId: number) => number,
): [number[], number[], number[]] {
  const filled = sizes.map((size) => {
    const temporary = temporaryDatabase();
    const processId = processStarted(temporary.db);
    fillInbox(temporary.db, size);
    const sample = () => time(temporary.db, processId);
    sample(); // fills the page cache
    return { sample, taken: [] as number[], remove: temporary.remove };
  });
  for (let round = 0; round < samples; round += 1) for (const { sample, taken } of filled) taken.push(sample());
  for (const { remove } of filled) remove();
  const [first = [], second = [], third = []] = filled.map(({ taken }) => taken);
  return [first, second, third];
}

const LOOKS = 200;

function times(work: () => void): number {
  const each = Array.from({ length: LOOKS }, () => {
    const startedAt = performance.now();
    work();
    return (performance.now() - startedAt) * 1000;
  });
  return median(each);
}

function queueInChats(db: Database): void {
  const queue = db.prepare(
    `INSERT INTO inbox (bot_id, epoch, update_id, chat_id, text, status)
     VALUES (1, 0, (SELECT max(update_id) + 1 FROM inbox WHERE bot_id = 1 AND epoch = 0), ?, 'x', 'queued')`,
  );
  for (let chat = 0; chat < 50; chat += 1) queue.run(chat);
}

/** With a message of each of 50 chats waiting. */
function timeToFind(db: Database, processId: number): number {
  queueInChats(db);
  const took = times(() => nextMessages(db, 1));
  timesOfClaims(db, processId); // empties the queue
  return took;
}

/** The median of claims that each find a message of one of 50 chats. */
function timeToClaim(db: Database, processId: number): number {
  queueInChats(db);
  return median(timesOfClaims(db, processId));
}

/** Claims until nothing waits; what is claimed is ended again. */
function timesOfClaims(db: Database, processId: number): number[] {
  const each: number[] = [];
  for (;;) {
    const startedAt = performance.now();
    const [task] = claimMessages(db, processId, { most: 1 });
    if (!task) return each;
    each.push((performance.now() - startedAt) * 1000);
    markReplying(db, task, null);
    complete(db, task);
  }
}

function processStarted(db: Database): number {
  return logEvent(db, null, "process.started", { role: "worker", pid: 1, version: "bench", bot_id: 1 });
}

function fillInbox(db: Database, rows: number): void {
  db.prepare(
    `INSERT INTO inbox (bot_id, epoch, update_id, chat_id, text, status)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     SELECT 1, 0, i, i % 50, 'a message', 'done' FROM n`,
  ).run(rows);
}
