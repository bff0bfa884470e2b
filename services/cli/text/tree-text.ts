import { isoTime } from "../../../shared/iso-time.ts";
import type { Paint } from "../output.ts";
import type { EventTree } from "../reading/event-tree.ts";
import { shortPayload, styleOf } from "./event-text.ts";
import { eventForJson } from "./json.ts";

export interface TreeStyle {
  readonly paint: Paint;
  readonly payload: boolean;
}

/** The lines of a tree: an event, and what belongs to it drawn below. */
export function* treeLines(tree: EventTree, style: TreeStyle): Generator<string> {
  yield nodeText(tree, style);
  yield* linesBelow(tree, "", style);
}

function* linesBelow(tree: EventTree, indent: string, style: TreeStyle): Generator<string> {
  const rail = (text: string) => style.paint("dim", text);
  if (tree.hidden > 0 && tree.children.length > 0) {
    yield rail(`${indent}├── … ${tree.hidden} more before these (--all shows them)`);
  }
  for (const [at, child] of tree.children.entries()) {
    const isLast = at === tree.children.length - 1;
    yield rail(`${indent}${isLast ? "└── " : "├── "}`) + nodeText(child, style);
    yield* linesBelow(child, `${indent}${isLast ? "    " : "│   "}`, style);
  }
}

function nodeText(node: EventTree, { paint, payload }: TreeStyle): string {
  const cutOff = node.hidden > 0 && node.children.length === 0 ? paint("dim", `… ${node.hidden} below`) : "";
  const type = paint(styleOf(node.eventType), node.eventType);
  const time = paint("dim", isoTime(node.timestamp));
  const parts = [String(node.id), type, time, payload ? shortPayload(node.payload) : "", cutOff];
  return parts.filter((part) => part !== "").join("  ");
}

export function treeForJson(node: EventTree, withPayload: boolean): object {
  const { payload, children, ...event } = node;
  const below = children.map((child) => treeForJson(child, withPayload));
  return { ...eventForJson(event), ...(withPayload ? { payload } : {}), children: below };
}
