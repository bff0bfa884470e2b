import { z } from "zod";
import { boundedText } from "../../../shared/bounded-text.ts";
import type { RawRow } from "../scribe/scribe.ts";

/**
 * What a worker says in the shared file and the supervisor listens to. Anybody who may write that file may say it, so it
 * is bounded and parsed here, and whether it is so is asked of the journal.
 */

const words = (longest: number) => z.string().transform((text) => boundedText(text, longest));
const wish = { by: words(200), revision: words(512) };

const CLAIMS = {
  "process.started": z.object({
    role: z.literal("worker"),
    pid: z.int().min(0),
    version: words(100),
    instance: z.string().max(100),
    bot_id: z.int().optional(),
  }),
  "worker.ready": z.object({ poll_ms: z.number().min(0) }),
  "upstream.unavailable": z.object({ upstream: z.literal("telegram"), reason: words(300) }),
  "upstream.available": z.object({ upstream: z.literal("telegram"), outage_ms: z.number() }),
  "deploy.requested": z.object(wish),
  "rollback.requested": z.object({
    ...wish,
    revision: wish.revision.nullable(),
    image_id: z.string().max(200).optional(),
  }),
  "message.set_aside": z.object({ task_id: z.int(), exits: z.array(z.int().min(1)).max(10) }),
} as const;

type ClaimType = keyof typeof CLAIMS;

/** A row of the shared file that says something which could be true. */
export type Claim = {
  [Type in ClaimType]: {
    readonly type: Type;
    /** Its row, and the one that it hangs under. */
    readonly id: number;
    readonly parentId: number | null;
    readonly timestamp: number;
    readonly payload: z.infer<(typeof CLAIMS)[Type]>;
  };
}[ClaimType];

/** Null for what is no claim: JSON that SQLite takes and JavaScript does not, an unknown type, or fields of other kinds. */
export function parseClaim({ id, parentId, timestamp, eventType, payload }: RawRow): Claim | null {
  if (!Object.hasOwn(CLAIMS, eventType)) return null;
  const parsed = CLAIMS[eventType as ClaimType].safeParse(json(payload));
  if (!parsed.success) return null;
  return { type: eventType, id, parentId, timestamp, payload: parsed.data } as Claim; // by the schema of its type
}

function json(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
