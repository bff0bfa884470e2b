import type { Refusal, RefusalReason } from "../model/model.ts";

/**
 * A circuit breaker, as in Nygard's "Release It!": an upstream that fails is left alone for a while.
 *
 *   closed ─ 5 failures alike in a row ─▶ open ─ 30 s ─▶ half open, one probe ─ it is answered ─▶ closed
 *                                          ◀───────────────────┴─ it fails
 */
export type Circuit =
  | { readonly kind: "closed"; readonly failures: number; readonly reason: RefusalReason | null }
  | { readonly kind: "open"; readonly until: number; readonly reason: RefusalReason }
  | { readonly kind: "half open"; readonly reason: RefusalReason };

export const CLOSED: Circuit = { kind: "closed", failures: 0, reason: null };

const FAILURES_ALIKE = 5;
export const OPEN_MS = 30_000;

/** What the upstream did not do, as opposed to what it did not like. */
const FAILURES: ReadonlySet<RefusalReason> = new Set([
  "rate_limited",
  "overloaded",
  "timeout",
  "unreachable",
  "unauthorised",
  "malformed",
]);

/** Whether it may be asked now; one that has been open for long enough lets a single probe through. */
export function mayAsk(circuit: Circuit, now: number): "yes" | "as a probe" | "no" {
  if (circuit.kind === "closed") return "yes";
  return circuit.kind === "open" && now >= circuit.until ? "as a probe" : "no";
}

export function afterAnswer(circuit: Circuit, answer: { readonly kind: "completed" } | Refusal, now: number): Circuit {
  if (answer.kind === "completed" || !FAILURES.has(answer.reason)) return CLOSED;
  const { reason } = answer;
  if (circuit.kind !== "closed") return { kind: "open", until: now + OPEN_MS, reason };
  const failures = circuit.reason === reason ? circuit.failures + 1 : 1;
  return failures < FAILURES_ALIKE
    ? { kind: "closed", failures, reason }
    : { kind: "open", until: now + OPEN_MS, reason };
}
