import { emptyTable } from "./own-value.ts";

/** Counts events one by one into Totals. It keeps nothing of an event but the sums. */

export interface Tallied {
  readonly eventType: string;
  readonly payload: Readonly<Record<string, unknown>> | null;
}

/** In seconds. What takes longer than the last is counted as `more`. */
export const LATENCY_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/** The events whose payload is looked at; of all others the type alone is counted. */
export const TALLIED_PAYLOADS = [
  "turn.completed",
  "turn.failed",
  "tool_call.completed",
  "tool_call.failed",
  "retry.scheduled",
  "agent.failed",
  "worker.exited",
  "rollback.attempted",
  "log.archived",
] as const;

/** That an attempt ended so is not the end of its message: another one goes on. */
const GOES_ON: ReadonlySet<unknown> = new Set(["worker_exited", "chat_parked", "not_its_turn", "put_off"]);

export function createTally() {
  const totals = {
    events: emptyTable<number>(),
    messages: emptyTable<number>(),
    endings: emptyTable<number>(),
    models: emptyTable<ReturnType<typeof newModel>>(),
    tools: emptyTable<Record<string, number>>(),
    retries: emptyTable<number>(),
    exits: emptyTable<number>(),
    rollbacks: emptyTable<number>(),
    archivedEvents: 0,
  };

  function count({ eventType, payload }: Tallied): void {
    add(totals.events, eventType);
    const text = (name: string) => textOf(payload?.[name]);
    switch (eventType) {
      case "turn.completed":
      case "turn.failed":
        countTurn(modelOf(text("model")), eventType, payload);
        break;
      case "tool_call.completed":
      case "tool_call.failed":
        totals.tools[text("tool_name")] ??= emptyTable();
        add(totals.tools[text("tool_name")], eventType === "tool_call.failed" ? "failed" : "completed");
        break;
      case "retry.scheduled":
        add(totals.retries, text("error_class"));
        add(totals.endings, "failed", -1); // its attempt fails in the same transaction, and the message goes on
        break;
      case "agent.completed":
        add(totals.endings, "answered");
        break;
      case "agent.failed":
        countEnding(text("error"), text("error_class"));
        break;
      case "worker.exited":
        add(totals.exits, text("class"));
        break;
      case "rollback.attempted":
        add(totals.rollbacks, payload?.success === true ? "succeeded" : "failed");
        break;
      case "log.archived":
        totals.archivedEvents += numberOf(payload?.count);
        break;
    }
  }

  function modelOf(name: string) {
    totals.models[name] ??= newModel();
    return totals.models[name];
  }

  function countEnding(error: string, errorClass: string): void {
    if (GOES_ON.has(errorClass)) return;
    if (errorClass !== "stopped") add(totals.endings, errorClass === "set_aside" ? "set_aside" : "failed");
    else if (error === "stopped") add(totals.endings, "stopped"); // else its worker was asked to stop, and gave it back
  }

  return { totals, count, countMessage: (status: string) => add(totals.messages, status) };
}

/** What is no text, or no number, in a row that somebody forged, is not known. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, LONGEST_NAME) : "unknown";
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Of a model, a tool or a class. */
const LONGEST_NAME = 100;

function newModel() {
  const tokens = { input_tokens: 0, cached_tokens: 0, output_tokens: 0 };
  return {
    completed: 0,
    failed: 0,
    ...tokens,
    cost_usd: 0,
    errors: emptyTable<number>(),
    latency_ms: 0,
    latencies: emptyTable<number>(),
  };
}

function countTurn(model: ReturnType<typeof newModel>, eventType: string, payload: Tallied["payload"]): void {
  const number = (name: string) => numberOf(payload?.[name]);
  model.cost_usd = toBillionths(model.cost_usd + toBillionths(number("cost_usd")));
  if (eventType === "turn.failed") {
    model.failed += 1;
    add(model.errors, textOf(payload?.error_class));
    return;
  }
  model.completed += 1;
  model.input_tokens += number("input_tokens");
  model.cached_tokens += number("cached_tokens");
  model.output_tokens += number("output_tokens");
  model.latency_ms += number("latency_ms");
  const bound = LATENCY_BOUNDS.find((seconds) => number("latency_ms") <= seconds * 1000);
  add(model.latencies, String(bound ?? "more"));
}

/** Dollars, so that their sum is the same in whatever parts they are added: Prometheus takes what falls for a restart. */
export function toBillionths(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}

function add(counts: Record<string, number> | undefined, name: string, by = 1): void {
  if (counts) counts[name] = (counts[name] ?? 0) + by;
}
