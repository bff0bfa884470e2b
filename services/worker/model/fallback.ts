import type { Refusal, RefusalReason } from "./model.ts";

/** What the same request to the same model would meet again, while another model may take it. */
const MENDED_BY_ANOTHER: ReadonlySet<RefusalReason> = new Set([
  "unauthorised", // a key can be good for some models only
  "context_too_long",
  "refused", // by the model or its filter; or the model is not there
  "malformed",
]);

/** Whether the next model is to be tried: of the rest, time is what mends them. */
export function anotherMayAnswer(refusal: Refusal): boolean {
  return MENDED_BY_ANOTHER.has(refusal.reason);
}
