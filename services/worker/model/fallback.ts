import type { Refusal } from "./model.ts";

/** Whether asking another model may help where asking this one again would not. */
export function anotherMayAnswer({ reason }: Refusal): boolean {
  return reason === "unauthorised" || reason === "context_too_long" || reason === "refused" || reason === "malformed";
}
