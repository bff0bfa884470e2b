import { type Database, inTransaction, sql } from "../../../shared/database.ts";
import { endOpenAttempts, NEWEST_SPAWNED } from "../../../shared/dead-claim.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { NOW } from "../../../shared/inbox.ts";
import type { ExitClass } from "../../../shared/payloads/supervisor-payloads.ts";

/** The stored error of a message at which a worker crashed while it ran alone. Its chat is told, and it ends. */
export const SET_ASIDE = "set_aside";

/** Of the exits that end a claim, these may be the message's doing: nobody asked for them, and nobody did them. */
const CRASHES: readonly string[] = ["crash", "out of memory", "hang"] satisfies ExitClass[];

export const DEAD_CLAIMS = `
  SELECT * FROM (
    SELECT i.id, i.kind, i.status, i.alone, i.error, i.locked_by AS processId,
           json_extract(p.payload, '$.instance') AS instance,
           (SELECT x.payload ->> '$.class' FROM events x WHERE x.event_type = 'worker.exited'
               AND json_extract(x.payload, '$.instance') = json_extract(p.payload, '$.instance')) AS exitClass
      FROM inbox i INDEXED BY inbox_in_hand
      LEFT JOIN events p ON p.id = i.locked_by AND p.event_type = 'process.started'
     WHERE i.locked_by IS NOT NULL AND i.locked_by <> @processId)
   WHERE exitClass IS NOT NULL OR instance IS NULL OR instance <> ${NEWEST_SPAWNED}
      OR instance = (SELECT json_extract(payload, '$.instance') FROM events WHERE id = @processId)`;

interface DeadClaim {
  readonly id: number;
  readonly kind: string;
  readonly status: string;
  readonly alone: 0 | 1;
  readonly error: string | null;
  readonly processId: number;
  readonly exitClass: string | null;
}

/**
 * Frees what dead workers had in hand. A worker is dead when the log has its instance's exit, when this process is its
 * instance, started again in place, and when it is not the newest that the supervisor has spawned. Their attempts stay
 * charged. Messages that were in hand at a crash run alone
 * from now on; one that did already is set aside.
 *
 * @returns how many were freed
 */
export function releaseDeadClaims(db: Database, processId: number): number {
  return inTransaction(db, () => {
    const claims = sql(db, DEAD_CLAIMS).all({ processId }) as DeadClaim[];
    for (const claim of claims) {
      const inHand = claims.filter((other) => other.processId === claim.processId && other.kind === "message");
      if (claim.exitClass === null) endOpenAttempts(db, claim.id); // nobody else will
      const isSuspect = claim.kind === "message" && CRASHES.includes(claim.exitClass ?? "");
      if (!isSuspect) free(db, claim);
      else if (!claim.alone || inHand.length > 1) free(db, claim, { alone: 1 });
      else if (claim.error === SET_ASIDE) free(db, claim);
      else setAside(db, claim);
    }
    return claims.length;
  });
}

function free(db: Database, { id, alone }: DeadClaim, now: { readonly alone: 0 | 1 } = { alone }): void {
  const update = `UPDATE inbox SET status = CASE status WHEN 'in_progress' THEN 'queued' ELSE status END, alone = ?,
                         locked_by = NULL, locked_at = NULL, updated_at = ${NOW} WHERE id = ?`;
  sql(db, update).run(now.alone, id);
}

/** What was stored for it is not sent: sending that may be what crashed. */
function setAside(db: Database, { id }: DeadClaim): void {
  const update = `UPDATE inbox SET status = 'replying', error = ?, not_before = NULL,
                         locked_by = NULL, locked_at = NULL, updated_at = ${NOW} WHERE id = ?`;
  sql(db, update).run(SET_ASIDE, id);
  const attempts = crashedAttempts(db, id);
  const exits = attempts.map(({ exitId }) => exitId);
  logEvent(db, attempts.at(-1)?.agentId ?? null, EventType.MessageSetAside, { task_id: id, exits });
}

function crashedAttempts(db: Database, taskId: number): { agentId: number; exitId: number }[] {
  return sql(
    db,
    `SELECT a.id AS agentId, x.id AS exitId
       FROM events a INDEXED BY attempts_by_task JOIN events p ON p.id = json_extract(a.payload, '$.process_id')
       JOIN events x ON x.event_type = 'worker.exited'
        AND json_extract(x.payload, '$.instance') = json_extract(p.payload, '$.instance')
      WHERE a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = ?
        AND x.payload ->> '$.class' IN (SELECT value FROM json_each(?)) ORDER BY x.id`,
  ).all(taskId, JSON.stringify(CRASHES)) as { agentId: number; exitId: number }[];
}
