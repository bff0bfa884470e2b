import { HEARTBEAT_FRESH_MS } from "../../../shared/readiness.ts";
import type { InProgress, Status, WorkerStatus } from "../../../shared/status.ts";
import { NOTHING_YET } from "../command.ts";
import type { Paint } from "../output.ts";
import { columns } from "./columns.ts";
import { logLine } from "./event-text.ts";
import { ago, span } from "./relative-time.ts";

/** Told in the order in which an operator asks. */
const INBOX_ORDER = ["queued", "in_progress", "replying", "failed", "set_aside"];

export type Row = readonly [label: string, value: string];

/** What the log says of the moment, and when the worker's heartbeat moved last: the log does not say that it stands still. */
export interface Seen {
  readonly status: Status;
  readonly heartbeatAt: number | null;
}

export function statusLines({ status, heartbeatAt }: Seen, now: Date, paint: Paint): string[] {
  const { newestEvent } = status;
  if (!newestEvent) return [NOTHING_YET];
  const rows: Row[] = [
    ...statusRows(status, now, paint),
    ...(isStill(status, heartbeatAt, now)
      ? [["heartbeat", paint("red", `has not moved for ${span(new Date(heartbeatAt), now)}`)] satisfies Row]
      : []),
    ["inbox", inboxText(status, now)],
    ["newest event", `${newestEvent.id} ${newestEvent.eventType}, ${ago(newestEvent.at, now)}`],
  ];
  return columns(rows.map(([label, value]) => [paint("bold", label), value]));
}

/** The worker is said to be ready, and yet it does not get on: it hangs, or is paused. */
function isStill({ worker }: Status, heartbeatAt: number | null, now: Date): heartbeatAt is number {
  return worker?.state.kind === "ready" && heartbeatAt !== null && now.getTime() - heartbeatAt > HEARTBEAT_FRESH_MS;
}

/** What is known of revisions and workers. */
export function statusRows(status: Status, now: Date, paint: Paint): Row[] {
  const { wanted, lastGood, worker, halted } = status;
  return [
    ["wanted", wanted ? `${wanted.revision}, by ${wanted.by} ${ago(wanted.since, now)}` : "none yet"],
    ["last good", lastGood?.revision ?? "none yet"],
    ["worker", worker ? workerText(worker, now, paint) : "none started yet"],
    ...(worker?.lastWords ?? []).map((line): Row => ["it said", paint("red", logLine(line))]),
    ...(worker?.cutOff ? [["cut off", paint("yellow", cutOffText(worker.cutOff, now))] satisfies Row] : []),
    ...status.inProgress.map((work): Row => ["in progress", paint("yellow", inProgressText(work, now))]),
    ...(status.stopped ? [["stopped", "by an operator, until lastgood start"] satisfies Row] : []),
    ...(status.onHold ? [["on hold", "by an operator, until lastgood unhold"] satisfies Row] : []),
    ...(halted === null ? [] : [["halted", paint("red", halted)] satisfies Row]),
    ["exits", exitsText(status.exits)],
  ];
}

function workerText({ instance, revision, state }: WorkerStatus, now: Date, paint: Paint): string {
  const told = {
    starting: () => paint("yellow", `starting for ${span(state.since, now)}`),
    ready: () => paint("green", `ready for ${span(state.since, now)}`),
    stopping: () => paint("yellow", `stopping for ${span(state.since, now)}`),
    exited: () => paint("red", `exited ${ago(state.since, now)}${state.kind === "exited" ? ` (${state.class})` : ""}`),
  };
  return `${instance} of ${revision}, ${told[state.kind]()}`;
}

function cutOffText({ upstream, since, reason }: NonNullable<WorkerStatus["cutOff"]>, now: Date): string {
  return `from ${upstream} for ${span(since, now)}: ${reason}`;
}

function inProgressText({ kind, revision, since, reason }: InProgress, now: Date): string {
  const what = {
    deploy: `deploy of ${revision}, since ${span(since, now)}`,
    rollback: `rollback to ${revision}, since ${span(since, now)}`,
    "asked deploy": `deploy of ${revision}, asked ${ago(since, now)}, not answered yet`,
    "asked rollback": `rollback to ${revision ?? "the last good revision"}, asked ${ago(since, now)}, not answered yet`,
  };
  return reason === null ? what[kind] : `${what[kind]} (${reason})`;
}

function exitsText(exits: Status["exits"]): string {
  const classes = Object.entries(exits);
  if (classes.length === 0) return "none in the last 24 h";
  const sum = classes.reduce((total, [, count]) => total + count, 0);
  return `${sum} in the last 24 h (${classes.map(([name, count]) => `${count} ${name}`).join(", ")})`;
}

function inboxText({ inbox, oldestWaiting }: Status, now: Date): string {
  const told = INBOX_ORDER.flatMap((name) => (inbox[name] ? [`${inbox[name]} ${name.replace("_", " ")}`] : []));
  if (told.length === 0) return "empty";
  const waiting = oldestWaiting ? `; the oldest without an answer came ${ago(oldestWaiting, now)}` : "";
  return told.join(", ") + waiting;
}
