import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LoggedEvent } from "../event-log.ts";
import { putFile } from "./put-file.ts";
import { readSmallFile } from "./read-small-file.ts";
import { WISH_WORDS, type WishWord } from "./request-file.ts";
import { answersOf } from "./requests-directory.ts";
import { ULID } from "./take-requests.ts";

/** What has become of a request, written anew by the supervisor whenever more is known. */
export interface Answer {
  /** The request's id among `events`; 0 when it could not be taken. */
  readonly requestId: number;
  /** Its id in the shared log, which is what people see; null until it has arrived there. */
  readonly eventId: number | null;
  /** Null when that could not be read. */
  readonly kind: WishWord | null;
  /** What has happened since, oldest first, with the supervisor's own ids: the last may decide it. */
  readonly events: readonly LoggedEvent[];
  /** Nothing more comes. */
  readonly decided: boolean;
  /** Why the request could not be taken. */
  readonly problem?: string;
  /** How long the last probation took, which is how long the next will; absent before the first. */
  readonly lastProbationSeconds?: number;
  /** Why the image asked for was quarantined before; absent when it was not. */
  readonly quarantinedBefore?: string;
}

export const MAX_ANSWER_BYTES = 256 * 1024;

const id = z.int().min(0);
const eventSchema = z.object({
  id,
  timestamp: z.number(),
  parentId: id.nullable(),
  eventType: z.string().max(100),
  payload: z.record(z.string(), z.unknown()).nullable(),
});
const answerSchema = z.object({
  requestId: id,
  eventId: id.nullable(),
  kind: z.enum(WISH_WORDS).nullable(),
  events: z.array(eventSchema),
  decided: z.boolean(),
  problem: z.string().exactOptional(),
  lastProbationSeconds: z.number().exactOptional(),
  quarantinedBefore: z.string().exactOptional(),
}) satisfies z.ZodType<Answer>;

/** Said of what lay there and was no request. */
export function refusal(problem: string): Answer {
  return { requestId: 0, eventId: null, kind: null, events: [], decided: true, problem };
}

/** Throws what the operating system says. */
export function writeAnswer(directory: string, name: string, answer: Answer): void {
  const text = withinBounds(answer);
  putFile(answersOf(directory), { name: `${name}.json`, text, synced: false });
}

/** Null while there is none, or none that can be read. Never throws. */
export function readAnswer(directory: string, name: string): Answer | null {
  const file = readSmallFile(join(answersOf(directory), `${name}.json`), MAX_ANSWER_BYTES);
  return file.kind === "text" ? parsedAs(answerSchema, file.text) : null;
}

/** A text that is no JSON, or not of that shape, is null. */
export function parsedAs<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // no JSON
  }
}

/** The first events accept a request and the last decide it, so that is what stays of too many. */
function withinBounds(answer: Answer): string {
  let { events } = answer;
  let text = JSON.stringify(answer);
  while (Buffer.byteLength(text) > MAX_ANSWER_BYTES && events.length > 0) {
    const kept = Math.floor(events.length / 2);
    const first = Math.ceil(kept / 2);
    events = [...events.slice(0, first), ...events.slice(events.length - (kept - first))];
    text = JSON.stringify({ ...answer, events });
  }
  return text;
}

const ANSWER_NAME = new RegExp(`^\\.?${ULID}\\.json(\\.tmp)?$`);
const KEPT_MS = 86_400_000;
const MOST_KEPT = 1000;

/** Removes the answers that are older than a day, and the oldest beyond a thousand. Whoever waits has read them long ago. */
export function pruneAnswers(directory: string, now: number): void {
  const answers = readdirSync(answersOf(directory))
    .filter((name) => ANSWER_NAME.test(name))
    .map((name) => join(answersOf(directory), name))
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now }))
    .sort((one, other) => other.at - one.at);
  for (const [place, { path, at }] of answers.entries())
    if (place >= MOST_KEPT || now - at > KEPT_MS) rmSync(path, { force: true });
}
