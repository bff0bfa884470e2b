import { join } from "node:path";
import { z } from "zod";
import { isLocked } from "../database.ts";
import { SUPERVISOR_LOCK_FILE } from "../files.ts";
import type { Status } from "../status.ts";
import { parsedAs } from "./answers.ts";
import { putFile } from "./put-file.ts";
import { readSmallFile } from "./read-small-file.ts";
import { answersOf } from "./requests-directory.ts";

/** How the supervisor sees the moment, for whenever the shared log cannot be read. It knows nothing of the messages. */
export interface SupervisorView {
  /** When it was written, in Unix milliseconds; it is written whenever something changes. */
  readonly at: number;
  readonly pid: number;
  readonly version: string;
  readonly status: Status;
  /** How many of its events have not arrived in the shared log, and why they do not. */
  readonly mirror: { readonly behind: number; readonly problem: string | null };
}

const VIEW_NAME = "supervisor.json";
const MAX_VIEW_BYTES = 256 * 1024;

const date = z.iso.datetime().transform((text) => new Date(text));
const text = z.string();
const revision = { revision: text, imageId: text };
const worker = z.object({
  ...revision,
  instance: text,
  state: z.discriminatedUnion("kind", [
    z.object({ kind: z.enum(["starting", "ready", "stopping"]), since: date }),
    z.object({ kind: z.literal("exited"), since: date, class: text }),
  ]),
  lastWords: z.array(text),
  cutOff: z.object({ upstream: text, since: date, reason: text }).nullable(),
});
const inProgress = z.object({
  kind: z.enum(["deploy", "rollback", "asked deploy", "asked rollback"]),
  revision: text.nullable(),
  since: date,
  reason: text.nullable(),
});
const statusSchema: z.ZodType<Status> = z.object({
  wanted: z.object({ ...revision, by: z.enum(["deploy", "rollback"]), since: date }).nullable(),
  lastGood: z.object(revision).nullable(),
  worker: worker.nullable(),
  inProgress: z.array(inProgress),
  halted: text.nullable(),
  stopped: z.boolean(),
  onHold: z.boolean(),
  exits: z.record(text, z.number()),
  inbox: z.record(text, z.number()),
  oldestWaiting: date.nullable(),
  newestEvent: z.object({ id: z.number(), eventType: text, at: date }).nullable(),
});
const viewSchema: z.ZodType<SupervisorView> = z.object({
  at: z.number(),
  pid: z.number(),
  version: text,
  status: statusSchema,
  mirror: z.object({ behind: z.number(), problem: text.nullable() }),
});

/** Throws what the operating system says. */
export function writeSupervisorView(directory: string, view: SupervisorView): void {
  putFile(answersOf(directory), { name: VIEW_NAME, text: JSON.stringify(view), synced: false });
}

/** Null when there is none, or none that can be read. Never throws. */
export function readSupervisorView(directory: string): SupervisorView | null {
  const file = readSmallFile(join(answersOf(directory), VIEW_NAME), MAX_VIEW_BYTES);
  return file.kind === "text" ? parsedAs(viewSchema, file.text) : null;
}

/** The file that the one supervisor keeps locked for as long as it lives. */
export function supervisorLockOf(directory: string): string {
  return join(directory, SUPERVISOR_LOCK_FILE);
}

export function supervisorRuns(directory: string): boolean {
  return isLocked(supervisorLockOf(directory));
}
