import type { EventType } from "../../../shared/event-types.ts";

/**
 * The fields of a payload that name an event by its id. In the journal they are the journal's, in the shared file that
 * file's: whatever is mirrored is translated by this table, and a test holds it against the list of all payloads.
 */
export const ID_FIELDS: { readonly [Type in EventType]?: readonly string[] } = {
  "worker.exited": ["process_id"],
  "crash_loop.detected": ["exits"],
  "rollback.started": ["request_id"],
  "rollback.attempted": ["request_id", "replaced_by"],
  "rollback.rejected": ["request_id"],
  "deploy.started": ["request_id"],
  "deploy.rejected": ["request_id", "replaced_by"],
  "deploy.failed": ["request_id", "replaced_by"],
  "alert.sent": ["about"],
  "message.set_aside": ["exits"],
};

/** Of the journal alone: where a row was taken from, and by which file an operator asked for it. */
export const JOURNAL_FIELDS = ["claim", "spool_id"] as const;

type Payload = Readonly<Record<string, unknown>>;

/**
 * A payload as the shared file has it.
 *
 * @param sharedIdOf the id there of a row of the journal, null when it has none
 */
export function translated(eventType: string, payload: Payload, sharedIdOf: (id: number) => number | null): Payload {
  const fields: readonly string[] = ID_FIELDS[eventType as EventType] ?? [];
  const entries = Object.entries(payload).filter(([name]) => !JOURNAL_FIELDS.some((own) => own === name));
  const translate = (value: unknown) => (typeof value === "number" ? sharedIdOf(value) : value);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!fields.includes(name)) return [name, value];
      return [name, Array.isArray(value) ? value.map(translate).filter((id) => id !== null) : translate(value)];
    }),
  );
}
