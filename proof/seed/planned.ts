import type { EventPayloads, EventType } from "../../shared/event-types.ts";

/** An event that has its moment, but no id yet: ids are given in the order of time, over all that is planned. */
export interface Planned {
  readonly at: number;
  readonly type: EventType;
  readonly parent: Planned | null;
  /** Asked when it is stored: it may name the ids of earlier ones. */
  readonly payload: () => object;
  /** 0 until it is stored. */
  id: number;
}

export function plan<T extends EventType>(
  at: number,
  type: T,
  parent: Planned | null,
  payload: EventPayloads[T] | (() => EventPayloads[T]),
): Planned {
  return { at, type, parent, payload: typeof payload === "function" ? payload : () => payload, id: 0 };
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
