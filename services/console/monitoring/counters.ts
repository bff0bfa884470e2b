import { LATENCY_BOUNDS } from "../../../shared/tally.ts";
import type { Counts, ModelTotals, Totals } from "../../../shared/totals.ts";
import type { Metric, Sample } from "./exposition.ts";

/** What only grows, told from the totals over the whole log: a restart of whatever process sets nothing back. */
export function counters(totals: Totals): Metric[] {
  const { events, models } = totals;
  const happened = (type: string): Sample[] => [{ value: events[type] ?? 0 }];
  const ofModels = (of: (model: ModelTotals) => Counts, label: string) =>
    Object.entries(models).flatMap(([model, facts]) => by(label, of(facts), { model }));
  return [
    counter("lastgood_events_total", "Events in the log, the archived ones included.", by("type", events)),
    counter(
      "lastgood_messages_total",
      "Messages and commands that came to an end. One that an operator has tried anew ends once more.",
      by("outcome", { answered: 0, failed: 0, set_aside: 0, stopped: 0, ...totals.endings }),
    ),
    counter(
      "lastgood_turns_total",
      "Answers asked of a model: completed, or the class of the error.",
      ofModels(({ completed, errors }) => ({ completed, ...errors }), "result"),
    ),
    counter(
      "lastgood_tokens_total",
      "Tokens that a model read anew, read from its cache, and wrote.",
      ofModels(tokens, "kind"),
    ),
    counter(
      "lastgood_cost_usd_total",
      "What a model cost, as far as its price is known.",
      Object.entries(models).map(([model, { cost_usd }]) => ({ labels: { model }, value: cost_usd })),
    ),
    {
      name: "lastgood_turn_duration_seconds",
      type: "histogram",
      help: "How long completed turns took.",
      samples: Object.entries(models).flatMap(latencies),
    },
    counter(
      "lastgood_retries_total",
      "Messages that were to be tried again by themselves.",
      by("error_class", totals.retries),
    ),
    counter("lastgood_tool_calls_total", "Calls of tools.", Object.entries(totals.tools).flatMap(toolCalls)),
    counter("lastgood_worker_starts_total", "Workers that were started.", happened("worker.spawned")),
    counter("lastgood_worker_exits_total", "Ends of workers.", by("class", totals.exits)),
    counter(
      "lastgood_worker_restarts_total",
      "Restarts after an end that nobody asked for.",
      happened("restart.scheduled"),
    ),
    counter(
      "lastgood_deploys_total",
      "Deploys: rejected before anything was touched, accepted, and of these failed.",
      by("outcome", {
        accepted: events["deploy.started"] ?? 0,
        rejected: events["deploy.rejected"] ?? 0,
        failed: events["deploy.failed"] ?? 0,
      }),
    ),
    counter("lastgood_promotions_total", "Probations that were passed.", happened("revision.promoted")),
    counter("lastgood_quarantines_total", "Revisions that were found bad.", happened("revision.quarantined")),
    counter("lastgood_crash_loops_total", "Crash loops of promoted revisions.", happened("crash_loop.detected")),
    counter(
      "lastgood_rollbacks_total",
      "Rollbacks that came to an end.",
      by("result", { succeeded: 0, failed: 0, ...totals.rollbacks }),
    ),
    counter("lastgood_halts_total", "Times when no good revision was left.", happened("supervisor.halted")),
    counter("lastgood_archived_events_total", "Events that were moved into archives.", [
      { value: totals.archivedEvents },
    ]),
  ];
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: "counter", help, samples };
}

function by(label: string, counts: Counts, labels: Readonly<Record<string, string>> = {}): Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { ...labels, [label]: name }, value }));
}

/** Providers count what came from the cache as part of the input. */
function tokens({ input_tokens: input, cached_tokens: cached, output_tokens: output }: ModelTotals): Counts {
  return { input: input - cached, cached_input: cached, output };
}

function toolCalls([tool, results]: [string, Counts]): Sample[] {
  return by("result", { completed: 0, failed: 0, ...results }, { tool });
}

/** Each bucket counts what kept to its bound, and so what kept to a smaller one. */
function latencies([model, { completed, latency_ms, latencies: counts }]: [string, ModelTotals]): Sample[] {
  let within = 0;
  const buckets = LATENCY_BOUNDS.map((bound) => {
    within += counts[String(bound)] ?? 0;
    return { suffix: "_bucket", labels: { model, le: String(bound) }, value: within };
  });
  return [
    ...buckets,
    { suffix: "_bucket", labels: { model, le: "+Inf" }, value: completed },
    { suffix: "_sum", labels: { model }, value: latency_ms / 1000 },
    { suffix: "_count", labels: { model }, value: completed },
  ];
}
