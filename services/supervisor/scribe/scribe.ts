import { z } from "zod";
import type { Anchor, MirroredRow, SchemaMade } from "./shared-file.ts";

/**
 * What the supervisor asks the scribe, its child process, which alone opens the shared file. Whoever may write that file
 * may lock it, break it, or end every process that has it mapped, so the process that decides never opens it.
 */
export type Question =
  /** Makes the file if there is none and nothing was ever made, and brings its schema up to date. */
  | { readonly kind: "prepare"; readonly made: SchemaMade | null }
  | { readonly kind: "look"; readonly made: SchemaMade; readonly anchors: readonly Anchor[]; readonly after: number }
  /** Appends rows in order, in one transaction; of those that may be there already it first looks for an equal one. */
  | { readonly kind: "append"; readonly after: number; readonly rows: readonly MirroredRow[] }
  /** Which is the first of these rows that is there as it was written. */
  | { readonly kind: "find"; readonly anchors: readonly Anchor[] }
  /** A page of what an older installation recorded, for a journal that begins. */
  | { readonly kind: "past"; readonly after: number }
  /** Reads each page of the file once, while no worker runs: one that only workers read may be broken. */
  | { readonly kind: "check" }
  /** Puts back what the schema was, while no worker runs. */
  | { readonly kind: "repair" }
  /** Moves the file out of the way, while no worker runs, and makes a new one. */
  | { readonly kind: "replace"; readonly setAside: string }
  /** Keeps some room of the volume, or lets go of it. */
  | { readonly kind: "reserve"; readonly bytes: number };

/** A few of them at most are told, and none is longer than this: they may be anybody's words. */
const names = z.array(z.string().max(200)).max(20);
const id = z.int().min(0);
const rawRow = z.object({
  id: id.min(1),
  timestamp: z.number(),
  parentId: id.nullable(),
  eventType: z.string().max(100),
  payload: z.string().max(65_536).nullable(),
});

/** Why something could not be done with the file: the same for every question. */
const unable = z.object({
  kind: z.literal("unable"),
  /** `damaged` can only be replaced; of the others time may mend each. */
  trouble: z.enum(["locked", "full", "damaged", "refused", "setup"]),
  reason: z.string().max(1000),
});

const ANSWERS = {
  prepare: z.object({ kind: z.literal("prepared"), version: z.int(), digest: z.string().max(100), maxId: id }),
  look: z.object({
    kind: z.literal("seen"),
    /** Nobody else held the write lock at that moment. */
    free: z.boolean(),
    foreign: names,
    /** All anchors are there as they were written. */
    anchored: z.boolean(),
    claims: z.array(rawRow).max(1000),
    /** Rows that are none: no payload, or a longer one than any claim has. */
    skipped: id,
    scannedTo: id,
  }),
  append: z.object({ kind: z.literal("appended"), ids: z.array(id.min(1)).max(1000) }),
  find: z.object({ kind: z.literal("found"), index: z.int().min(0).nullable() }),
  past: z.object({ kind: z.literal("page"), rows: z.array(rawRow).max(1000), maxId: id }),
  check: z.object({ kind: z.literal("whole") }),
  repair: z.object({ kind: z.literal("repaired"), foreign: names }),
  replace: z.object({
    kind: z.literal("replaced"),
    /** Null when nothing was there. */ setAside: z.string().max(200).nullable(),
  }),
  reserve: z.object({ kind: z.literal("reserved"), bytes: id }),
} as const;

type Kind = Question["kind"];
export type Unable = z.infer<typeof unable>;
export type Answer<K extends Kind> = z.infer<(typeof ANSWERS)[K]> | Unable;
export type RawRow = z.infer<typeof rawRow>;

/** Null for what is no answer to a question of this kind. */
export function parseAnswer<K extends Kind>(kind: K, answer: unknown): Answer<K> | null {
  const parsed = z.union([ANSWERS[kind], unable]).safeParse(answer);
  return parsed.success ? (parsed.data as Answer<K>) : null;
}

export interface Scribe {
  /** Resolves with null when nothing was heard in time: it died, or fell silent and was killed. Never rejects. */
  ask<K extends Kind>(question: Question & { readonly kind: K }): Promise<Answer<K> | null>;
  /** Calls when rows came into the shared file that a decision may depend on. Lossy: only ever a reason to ask. */
  onNews(listener: () => void): void;
}
