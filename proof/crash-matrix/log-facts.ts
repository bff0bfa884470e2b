import type { Database } from "../../shared/database.ts";
import type { Question } from "./people.ts";
import type { Asked } from "./verdict.ts";

/** What the worker's own tables say of the questions. */

/** Messages that are accepted and not ended. */
export function openMessages(db: Database): number {
  const query = "SELECT count(*) FROM inbox WHERE status IN ('queued', 'in_progress', 'replying')";
  return Number(db.prepare(query).pluck().get());
}

/** Sends that the log calls uncertain, for each question. */
export function withUncertainty(db: Database, questions: readonly Question[]): Asked[] {
  const query = db.prepare(`
    SELECT count(*) FROM inbox i
      JOIN events a ON a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = i.id
      JOIN events e ON e.parent_id = a.id AND e.event_type = 'reply.sending' AND e.payload ->> '$.uncertain'
     WHERE i.update_id = ?`);
  return questions.map(({ number, updateId }) => ({ number, uncertain: Number(query.pluck().get(updateId)) }));
}

/** How many messages ended otherwise than answered, by how they ended. */
export function endedOtherwise(db: Database): Readonly<Record<string, number>> {
  const query = "SELECT status, count(*) AS count FROM inbox WHERE status <> 'done' GROUP BY status";
  const rows = db.prepare(query).all() as { status: string; count: number }[];
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** A question's story, for whoever looks into what went wrong. */
export function storyOf(db: Database, { number, updateId }: Question): string {
  const row = db.prepare("SELECT id, status, attempts, error FROM inbox WHERE update_id = ?").get(updateId);
  const query = `SELECT e.id, e.event_type AS type, e.payload FROM inbox i
      JOIN events a ON a.event_type = 'agent.started' AND json_extract(a.payload, '$.task_id') = i.id
      JOIN events e ON e.id = a.id OR e.parent_id = a.id WHERE i.update_id = ? ORDER BY e.id`;
  const events = db.prepare(query).all(updateId) as { id: number; type: string; payload: string }[];
  const lines = events.map(({ id, type, payload }) => `    ${id} ${type} ${payload}`);
  return [`  question ${number}: ${JSON.stringify(row ?? "not in the inbox")}`, ...lines].join("\n");
}
