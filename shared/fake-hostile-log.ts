import type { Database } from "./database.ts";
import { EventType } from "./event-types.ts";
import { type Field, PAYLOAD_SHAPES } from "./payloads/payload-shapes.ts";

/** What steers a terminal, or turns the direction of what is read. */
export const STEERING = "\u001b[31mred\u001b[2J\u0007\u009b1m\u202eevil\u2066\u2028\u007f\r\nforged line";

/** Longer than any payload of ours. */
const HUGE = 60_000_000;

const MOMENTS = [9e15, -9e15, Date.now()];

/** A payload in which each field is of another kind than its type has. */
function wrongFields(shape: Readonly<Record<string, Field>>): string {
  const wrong = (field: Field) => (/^text\b/.test(field) ? { deep: [5] } : `${STEERING} not a ${field}`);
  return JSON.stringify(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, wrong(field)])));
}

/** A payload whose fields are of their kinds, and each text steers. */
function steeringFields(shape: Readonly<Record<string, Field>>): string {
  const value: Readonly<Record<string, unknown>> = {
    text: STEERING,
    number: 1,
    truth: false,
    texts: [STEERING],
    numbers: [1],
    ranges: [[1, 2]],
    object: { [STEERING]: STEERING, ready_seconds: 1, instance: STEERING },
  };
  const fields = Object.entries(shape).map(([name, field]) => [name, value[field.replace("?", "")]]);
  return JSON.stringify(Object.fromEntries(fields));
}

/**
 * For tests: rows as only somebody writes who means harm, of every type and of none, under the events that are there.
 * @param kind "unreadable": none of them is what its type says; "steering": each is, and its texts steer the terminal
 */
export function writeHostileRows(db: Database, kind: "unreadable" | "steering", taskId: number): void {
  const insert = db.prepare("INSERT INTO events (timestamp, parent_id, event_type, payload) VALUES (?, ?, ?, ?)");
  const ids = db.prepare("SELECT id FROM events ORDER BY id").pluck().all() as number[];
  const parents = [null, ...ids];
  let count = 0;
  const write = (type: string, payload: string | null) => {
    count += 1;
    insert.run(MOMENTS[count % MOMENTS.length], parents[count % parents.length], type, payload);
  };
  for (const type of Object.values(EventType)) {
    const shape = PAYLOAD_SHAPES[type] as Readonly<Record<string, Field>>;
    if (kind === "steering") write(type, steeringFields(shape));
    else for (const payload of [null, "{chat_id:1}", "{}", wrongFields(shape)]) write(type, payload);
  }
  write(STEERING, JSON.stringify({ [STEERING]: [STEERING] }));
  write("x".repeat(1_000_000), null);
  db.prepare("UPDATE inbox SET error = ?, text = ?, created_at = 9e15, updated_at = -9e15 WHERE id = ?").run(
    STEERING,
    STEERING,
    taskId,
  );
  const attempt = { task_id: taskId, chat_id: 1, update_id: 1, process_id: 1, attempt: 1 };
  if (kind === "steering") return;
  write(EventType.AgentStarted, JSON.stringify({ ...attempt, attempt: STEERING }));
  const huge = db.prepare(
    `INSERT INTO events (event_type, payload) VALUES (?, '{"model":"' || printf('%.*c', ?, 'x') || '"}')`,
  );
  huge.run(EventType.WorkerExited, HUGE);
  for (const type of [EventType.TurnCompleted, EventType.LogArchived]) huge.run(type, HUGE / 20);
  for (const id of [2n ** 53n + 1n, 2n ** 63n - 1n]) {
    db.prepare("INSERT INTO events (id, event_type, payload) VALUES (?, 'worker.spawned', NULL)").run(id);
  }
}
