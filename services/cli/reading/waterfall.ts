import type { EventTree } from "./event-tree.ts";

/** What an attempt was busy with, and when, in milliseconds since it began. */
export interface Span {
  /** The event that began it. */
  readonly id: number;
  readonly depth: number;
  /** "turn", "tool_call", "reply"; of what takes no time, the whole type. */
  readonly name: string;
  readonly startMs: number;
  /** Null when no end of it is in the log; the start's own for what takes no time. */
  readonly endMs: number | null;
  readonly failed: boolean;
  /** What is known of its end, or of its beginning without one. */
  readonly payload: EventTree["payload"];
}

const BEGINS = /^(agent|turn|tool_call|reply)\.(started|sending)$/;
const ENDS = /^(agent|turn|tool_call|reply)\.(completed|failed|sent)$/;

/** The spans of an attempt in the order in which they began: a beginning and an end beside it are one. */
export function waterfall(attempt: EventTree): Span[] {
  const spans: { -readonly [Field in keyof Span]: Span[Field] }[] = [];
  const walk = (node: EventTree, depth: number) => {
    const atMs = Math.max(node.timestamp - attempt.timestamp, 0);
    const [, ended] = ENDS.exec(node.eventType) ?? [];
    const open = spans.findLast((span) => span.name === ended && span.endMs === null);
    const failed = node.eventType.endsWith(".failed");
    if (open) Object.assign(open, { endMs: atMs, failed, payload: node.payload });
    else {
      const [, name] = BEGINS.exec(node.eventType) ?? [];
      const { id, eventType, payload } = node;
      spans.push({ id, depth, name: name ?? eventType, startMs: atMs, endMs: name ? null : atMs, failed, payload });
    }
    for (const child of node.children) walk(child, depth + 1);
  };
  walk(attempt, 0);
  return spans;
}
