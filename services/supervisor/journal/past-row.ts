import { z } from "zod";
import type { RawRow } from "../scribe/scribe.ts";

/**
 * What an installation without a journal recorded in the shared file, as far as decisions depend on it. Anybody may have
 * written it, so a row counts only with the fields of its type.
 */

const text = z.string().max(4000);
const image = { revision: text, image_id: text };
const request = { request_id: z.int().nullable() };
const asked = { by: text, from: z.enum(["cli", "console", "chat"]) };
const object = z.looseObject;

const PAST = {
  "process.started": object({
    role: z.enum(["supervisor", "worker"]),
    pid: z.int(),
    version: text,
    instance: text.optional(),
  }),
  "worker.ready": object({}),
  "worker.spawned": object({ ...image, instance: text, container_id: text }),
  "worker.stopping": object({ instance: text, cause: z.enum(["asked", "hang", "never ready"]), reason: text }),
  "worker.exited": object({
    ...image,
    instance: text,
    process_id: z.int().nullable(),
    class: text,
    ready_seconds: z.number().nullable(),
    started_at: z.number().nullable().optional(),
    uptime_seconds: z.number(),
  }),
  "restart.scheduled": object({}),
  "revision.promoted": object({ ...image, evidence: object({ ready_seconds: z.number(), instance: text }) }),
  "revision.quarantined": object({ ...image, reason: text }),
  "rollback.started": object({ target_revision: text, image_id: text, from_revision: text, reason: text, ...request }),
  "rollback.attempted": object({ target_revision: text, success: z.boolean(), reason: text, ...request }),
  "rollback.rejected": object(request),
  "deploy.requested": object({ ...asked, revision: text }),
  "rollback.requested": object({ ...asked, revision: text.nullable() }),
  "deploy.started": object({ ...image, reason: z.enum(["requested", "configured"]), ...request }),
  "deploy.rejected": object(request),
  "deploy.failed": object({ ...image, ...request }),
  "supervisor.halted": object({ reason: text }),
  "stop.requested": object(asked),
  "start.requested": object(asked),
  "hold.requested": object(asked),
  "unhold.requested": object(asked),
  "alert.sent": object({ about: z.int() }),
} as const;

export interface PastRow extends Omit<RawRow, "payload" | "eventType"> {
  readonly eventType: keyof typeof PAST;
  readonly payload: Readonly<Record<string, unknown>>;
}

export function parsePastRow(row: RawRow): PastRow | null {
  if (!Object.hasOwn(PAST, row.eventType) || !Number.isSafeInteger(row.timestamp)) return null;
  const eventType = row.eventType as keyof typeof PAST;
  const parsed = PAST[eventType].safeParse(json(row.payload));
  return parsed.success ? { ...row, eventType, payload: parsed.data } : null;
}

function json(payload: string | null): unknown {
  try {
    return JSON.parse(payload ?? "null");
  } catch {
    return null; // SQLite takes JSON5, JavaScript does not
  }
}
