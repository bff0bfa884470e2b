import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import type { Model, Refusal } from "../model/model.ts";
import { afterAnswer, type Circuit, CLOSED, mayAsk, OPEN_MS } from "./circuit.ts";

/**
 * A model behind a circuit breaker: while the circuit is open it refuses at once, for the reason that opened it, with the
 * time that is left as its hint. A new worker begins with a closed one: whether the upstream is back, it has to find out.
 *
 * @param processId this worker's `process.started`
 */
export function guardModel(
  model: Model,
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  processId: number,
): Model {
  let circuit: Circuit = CLOSED;

  function become(next: Circuit): void {
    const before = circuit;
    circuit = next;
    const upstream = model.name;
    if (next.kind === "half open") logEvent(db, processId, EventType.CircuitHalfOpen, { upstream });
    if (next.kind === "closed" && before.kind !== "closed")
      logEvent(db, processId, EventType.CircuitClosed, { upstream });
    if (next.kind !== "open") return;
    const failures = before.kind === "closed" ? before.failures + 1 : 1;
    logEvent(db, processId, EventType.CircuitOpened, { upstream, failures, reason: next.reason, open_ms: OPEN_MS });
  }

  return {
    name: model.name,
    async complete(request, signal) {
      const asked = circuit;
      const allowed = mayAsk(asked, clock.monotonicMs());
      if (asked.kind !== "closed" && allowed === "no") return openRefusal(asked, clock.monotonicMs());
      if (asked.kind === "open") become({ kind: "half open", reason: asked.reason });
      try {
        const answer = await model.complete(request, signal);
        // What was asked before the circuit opened says nothing about now.
        if (asked.kind !== "closed" || circuit.kind === "closed") {
          become(afterAnswer(circuit, answer, clock.monotonicMs()));
        }
        return answer;
      } catch (error) {
        if (asked.kind === "open") circuit = asked; // a probe that was aborted found out nothing
        throw error;
      }
    },
  };
}

function openRefusal(circuit: Exclude<Circuit, { kind: "closed" }>, now: number): Refusal {
  const retryAfterMs = circuit.kind === "open" ? Math.max(circuit.until - now, 0) : OPEN_MS;
  const detail = "it failed again and again: left alone";
  return { kind: "refused", reason: circuit.reason, detail, retryAfterMs, costsNothing: true };
}
