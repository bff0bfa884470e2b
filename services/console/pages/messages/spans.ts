import type { LoggedEvent } from "../../../../shared/event-log.ts";
import { ownValue } from "../../../../shared/own-value.ts";

/** A row of the tree and of the waterfall: something that began and, mostly, ended. Times are Unix milliseconds. */
export interface Span {
  readonly eventId: number;
  readonly depth: number;
  readonly name: string;
  readonly detail: string;
  readonly from: number;
  /** Null while it goes on; what has no length ends as it begins. */
  readonly to: number | null;
  /** Why it went wrong; null when it did not. */
  readonly problem: string | null;
}

/** What begins a span, and what ends it. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  "agent.started": ["agent.completed", "agent.failed"],
  "turn.started": ["turn.completed", "turn.failed"],
  "tool_call.started": ["tool_call.completed", "tool_call.failed"],
  "reply.sending": ["reply.sent", "reply.failed"],
};
const ATTEMPT_ENDS = new Set(ENDS["agent.started"]);
const ENDINGS = new Set(Object.values(ENDS).flat());

/**
 * One attempt as spans, in the order of its tree. An end is a row of its own only when nothing that began is open for it.
 * What was open when the attempt ended, because its worker died, ended with it.
 * @param events the `agent.started`, then what is under it, in the order of the tree
 */
export function spansOf(events: readonly LoggedEvent[]): Span[] {
  const root = events[0];
  const closed = new Set<number>();
  const last = root && events.find(({ parentId, eventType }) => parentId === root.id && ATTEMPT_ENDS.has(eventType));
  return events.flatMap((event) => {
    if (closed.has(event.id)) return [];
    const ends = ownValue(ENDS, event.eventType);
    const end = ends && events.find((later) => isEndOf(event, later, ends, root?.id, closed));
    if (end) closed.add(end.id);
    const depth = event === root ? 0 : event.parentId === root?.id ? 1 : 2;
    return [toSpan(event, ends ? (end ?? last ?? null) : event, depth)];
  });
}

function isEndOf(
  start: LoggedEvent,
  later: LoggedEvent,
  ends: readonly string[],
  rootId: number | undefined,
  closed: ReadonlySet<number>,
): boolean {
  const parent = start.id === rootId ? start.id : start.parentId;
  return later.id > start.id && later.parentId === parent && ends.includes(later.eventType) && !closed.has(later.id);
}

function toSpan(start: LoggedEvent, end: LoggedEvent | null, depth: number): Span {
  const isWhole = end === start || ENDINGS.has(start.eventType);
  return {
    eventId: start.id,
    depth,
    name: isWhole ? start.eventType : start.eventType.replace(/\.(started|sending)$/, ""),
    detail: detailOf({ ...start.payload, ...end?.payload }),
    from: start.timestamp,
    to: end?.timestamp ?? null,
    problem: problemOf(end),
  };
}

function problemOf(end: LoggedEvent | null): string | null {
  if (!end || !/\.(failed|limit_reached|stalled|exhausted)$/.test(end.eventType)) return null;
  const { error, reason, limit, error_class: errorClass } = end.payload ?? {};
  const told = new Set([errorClass, error ?? reason ?? limit].filter((part) => part !== undefined));
  return [...told].join(": ") || end.eventType;
}

function detailOf(payload: Readonly<Record<string, unknown>>): string {
  const { tool_name: tool, model, input_tokens: input, output_tokens: output, attempt, part, parts } = payload;
  const told = [
    tool,
    model,
    typeof input === "number" ? `${input} in, ${output ?? 0} out` : undefined,
    attempt === undefined ? undefined : `attempt ${attempt}`,
    part === undefined ? undefined : `part ${part} of ${Number(parts) || "?"}`,
    payload.uncertain === true ? "may have arrived twice" : undefined,
    payload.messages_used === undefined
      ? undefined
      : `${payload.messages_used} of ${payload.messages_available} messages`,
  ];
  return told.filter((part) => part !== undefined).join(", ");
}
