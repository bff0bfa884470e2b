import type { Metric, Sample } from "./exposition.ts";
import type { Moment } from "./moment.ts";

/** What goes up and down. */
export function gauges(moment: Moment): Metric[] {
  const { worker, heartbeatAgeMs, startedAt, budgetUsd } = moment;
  return [
    gauge("lastgood_supervisor_up", "Whether a supervisor runs.", [truth(moment.supervisorRuns)]),
    gauge("lastgood_supervisor_halted", "Whether no good revision is left to try.", [truth(moment.halted !== null)]),
    gauge("lastgood_supervisor_on_hold", "Whether an operator wants nothing to be done by itself.", [
      truth(moment.onHold),
    ]),
    gauge("lastgood_supervisor_stopped", "Whether an operator wants nothing to run.", [truth(moment.stopped)]),
    gauge("lastgood_worker_up", "Whether a worker runs.", [truth(worker !== "none")]),
    gauge("lastgood_worker_ready", "Whether it has been answered by Telegram.", [truth(worker === "ready")]),
    gauge("lastgood_worker_cut_off", "Whether it cannot reach Telegram.", [truth(moment.cutOff !== null)]),
    gauge("lastgood_worker_start_time_seconds", "When it was started, in Unix time.", seconds(startedAt)),
    gauge(
      "lastgood_worker_heartbeat_age_seconds",
      "How long ago a worker last showed that it gets on.",
      seconds(heartbeatAgeMs),
    ),
    gauge(
      "lastgood_revision_info",
      "The revision that is wanted, that was last good, and that runs.",
      revisions(moment),
    ),
    gauge("lastgood_queue_messages", "Messages and commands that have not ended.", queue(moment)),
    gauge("lastgood_queue_oldest_seconds", "How long the oldest of them has waited; 0 with none.", [
      { value: moment.oldestOpenMs / 1000 },
    ]),
    gauge("lastgood_budget_spent_usd", "What today's turns (UTC) cost, and may still cost.", [
      { value: moment.spentUsd },
    ]),
    gauge(
      "lastgood_budget_limit_usd",
      "Today's budget; known from when half of it is spent.",
      budgetUsd === null ? [] : [{ value: budgetUsd }],
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: "gauge", help, samples };
}

function truth(holds: boolean): Sample {
  return { value: holds ? 1 : 0 };
}

function seconds(ms: number | null): Sample[] {
  return ms === null ? [] : [{ value: ms / 1000 }];
}

function revisions({ revisions: known }: Moment): Sample[] {
  return Object.entries(known).flatMap(([role, named]) =>
    named ? [{ labels: { role, revision: named.revision, image_id: named.imageId }, value: 1 }] : [],
  );
}

function queue({ open }: Moment): Sample[] {
  const all: Readonly<Record<string, number>> = { queued: 0, in_progress: 0, replying: 0, ...open };
  return Object.entries(all).map(([status, value]) => ({ labels: { status }, value }));
}
