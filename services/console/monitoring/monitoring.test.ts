import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase, tryLock } from "../../../shared/database.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { makeRequestsDirectory } from "../../../shared/requests/requests-directory.ts";
import { supervisorLockOf } from "../../../shared/requests/supervisor-view.ts";
import { initSchema } from "../../../shared/schema.ts";
import { totalsOf } from "../../../shared/totals.ts";
import { type TemporaryConsole, temporaryConsole } from "../temporary-console.ts";
import { exposition } from "./exposition.ts";
import { parseExposition } from "./fake-prometheus.ts";

let local: TemporaryConsole;
let db: Database;
beforeEach(() => {
  local = temporaryConsole();
  db = openDatabase(join(local.directory, "lastgood.db"));
  initSchema(db);
});
afterEach(async () => {
  db.close();
  await local.remove();
});

const image = { revision: "worker:1", image_id: "sha256:1" };

/** A supervisor, and its worker that is ready. */
function running() {
  const supervisorId = logEvent(db, null, "process.started", { role: "supervisor", pid: 1, version: "v" });
  logEvent(db, supervisorId, "deploy.started", { ...image, request_id: null, reason: "configured" });
  const instance = "1.1";
  logEvent(db, supervisorId, "worker.spawned", { ...image, pid: 2, instance, container_id: "c" });
  const worker = { role: "worker", pid: 2, version: "v", instance, bot_id: 1 } as const;
  const processId = logEvent(db, supervisorId, "process.started", worker);
  logEvent(db, processId, "worker.ready", { poll_ms: 1 });
  return { supervisorId, processId };
}

function answered(processId: number, latency_ms: number): number {
  const task = { chat_id: 4711, task_id: 1, update_id: 1, process_id: processId, attempt: 1 };
  const id = logEvent(db, null, "agent.started", task);
  const usage = { input_tokens: 100, cached_tokens: 40, output_tokens: 7, cost_usd: 0.25, finish_reason: "stop" };
  logEvent(db, id, "turn.completed", { model: "a", latency_ms, ...usage });
  return logEvent(db, id, "agent.completed", { task_id: 1 });
}

const beat = () => writeFileSync(join(local.directory, "heartbeat"), "");
const scrape = async () => parseExposition(await (await local.ask("/metrics")).text());
async function sampleOf(sample: string): Promise<number | undefined> {
  const family = sample.replace(/\{.*|_(bucket|sum|count)(?=\{|$).*/g, "");
  return (await scrape()).get(family)?.samples.get(sample);
}
async function verdict(path: string) {
  const response = await local.ask(path);
  return [response.status, await response.json()];
}

test("a scrape is what Prometheus reads, and names no chat", async () => {
  answered(running().processId, 1200);
  const response = await local.ask("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(parseExposition(text).size).toBeGreaterThan(25);
  expect(text).not.toMatch(/4711|chat_id/);
});

test("a scrape counts what the log has, and the next one what has come since", async () => {
  const { processId } = running();
  answered(processId, 1200);
  expect(await sampleOf('lastgood_events_total{type="agent.completed"}')).toBe(1);
  answered(processId, 70_000);
  const all = await scrape();
  const at = (family: string, sample: string) => all.get(family)?.samples.get(family + sample);
  expect(at("lastgood_messages_total", '{outcome="answered"}')).toBe(2);
  expect(at("lastgood_turns_total", '{model="a",result="completed"}')).toBe(2);
  expect(at("lastgood_tokens_total", '{model="a",kind="input"}')).toBe(120);
  expect(at("lastgood_tokens_total", '{model="a",kind="cached_input"}')).toBe(80);
  expect(at("lastgood_cost_usd_total", '{model="a"}')).toBe(0.5);
  expect(at("lastgood_turn_duration_seconds", '_bucket{model="a",le="2.5"}')).toBe(1);
  expect(at("lastgood_turn_duration_seconds", '_bucket{model="a",le="120"}')).toBe(2);
  expect(at("lastgood_turn_duration_seconds", '_sum{model="a"}')).toBe(71.2);
  expect(at("lastgood_budget_spent_usd", "")).toBe(0.5);
  expect(at("lastgood_revision_info", '{role="running",revision="worker:1",image_id="sha256:1"}')).toBe(1);
});

test("the queue is counted, and its oldest message dated", async () => {
  running();
  const hourAgo = Date.now() - 3_600_000;
  const insert = "INSERT INTO inbox (bot_id, update_id, chat_id, text, status, created_at) VALUES (1, ?, 7, 'x', ?, ?)";
  db.prepare(insert).run(1, "queued", hourAgo);
  db.prepare(insert).run(2, "done", hourAgo - 1);
  expect(await sampleOf('lastgood_queue_messages{status="queued"}')).toBe(1);
  expect(await sampleOf("lastgood_queue_oldest_seconds")).toBeGreaterThanOrEqual(3600);
});

test("today's budget is told as the worker goes by it: with what was added, and what an open turn may cost", async () => {
  const { processId } = running();
  const day = new Date().toISOString().slice(0, 10);
  answered(processId, 100);
  logEvent(db, processId, "budget.noticed", { day, percent: 100, spent_usd: 2.5, budget_usd: 2.5 });
  logEvent(db, processId, "budget.raised", { day, usd: 1, chat_id: 7 });
  const task = { chat_id: 7, task_id: 2, update_id: 2, process_id: processId, attempt: 1 };
  const attempt = logEvent(db, null, "agent.started", task);
  logEvent(db, attempt, "turn.started", { model: "a", turn: 1, reserved_usd: 0.5 });
  expect(await sampleOf("lastgood_budget_spent_usd")).toBe(0.75);
  expect(await sampleOf("lastgood_budget_limit_usd")).toBe(3.5);
  expect(await (await local.ask("/usage")).text()).toContain("$0.7500 of $3.50 budget");
});

/** As `lastgood archive` leaves it: the totals of a message's events, and these gone. */
function archive(from: number, to: number): void {
  const rows = db.prepare("SELECT event_type AS eventType, payload FROM events WHERE id BETWEEN ? AND ?").all(from, to);
  const events = (rows as { eventType: string; payload: string }[]).map(({ eventType, payload }) => {
    return { eventType, payload: JSON.parse(payload) };
  });
  const about = { by: "node@server", file: "archive", from, to, ranges: [[from, to]] as const, sha256: "" };
  const counted = { count: events.length, messages: 1, totals: totalsOf(events, ["done"]) };
  logEvent(db, null, "log.archived", { ...about, ...counted });
  db.exec("DROP TRIGGER IF EXISTS events_refuse_delete");
  db.prepare("DELETE FROM events WHERE id BETWEEN ? AND ?").run(from, to);
}

test("no counter falls when its events are archived: not in a console that counted them, nor in its successor", async () => {
  const { processId } = running();
  const last = answered(processId, 300);
  answered(processId, 300);
  const answers = 'lastgood_messages_total{outcome="answered"}';
  expect(await sampleOf(answers)).toBe(2);
  archive(last - 2, last);
  expect(await sampleOf(answers)).toBe(2);
  expect(await sampleOf("lastgood_archived_events_total")).toBe(3);
  const successor = temporaryConsole({ directory: local.directory });
  const text = await (await successor.ask("/metrics")).text();
  expect(parseExposition(text).get("lastgood_messages_total")?.samples.get(answers)).toBe(2);
  await successor.remove({ keep: true });
});

test("events that are archived between two scrapes, before they were counted, are counted by their totals", async () => {
  const { processId } = running();
  expect(await sampleOf('lastgood_messages_total{outcome="answered"}')).toBe(0);
  const last = answered(processId, 300);
  archive(last - 2, last);
  expect(await sampleOf('lastgood_messages_total{outcome="answered"}')).toBe(1);
});

test("healthz tells that the database can be read, readyz everything that keeps messages from being answered", async () => {
  expect(await verdict("/healthz")).toEqual([200, { ok: true, reasons: [] }]);
  expect(await verdict("/readyz")).toEqual([
    503,
    { ok: false, reasons: ["no supervisor runs on this volume", "no worker runs"] },
  ]);
  makeRequestsDirectory(local.requestsDir);
  const lock = tryLock(supervisorLockOf(local.requestsDir));
  const { supervisorId, processId } = running();
  beat();
  expect(await verdict("/readyz")).toEqual([200, { ok: true, reasons: [] }]);
  logEvent(db, processId, "upstream.unavailable", { upstream: "telegram", reason: "ECONNREFUSED" });
  expect(await verdict("/readyz")).toEqual([
    503,
    { ok: false, reasons: [expect.stringMatching(/^the worker is cut off from telegram since .*: ECONNREFUSED$/)] },
  ]);
  expect(await sampleOf("lastgood_worker_cut_off")).toBe(1);
  logEvent(db, processId, "upstream.available", { upstream: "telegram", outage_ms: 5 });
  expect(await verdict("/readyz")).toEqual([200, { ok: true, reasons: [] }]);
  expect(await sampleOf("lastgood_supervisor_up")).toBe(1);
  logEvent(db, supervisorId, "supervisor.halted", { reason: "no good revision is left" });
  expect(await verdict("/readyz")).toEqual([
    503,
    { ok: false, reasons: ["the supervisor has halted: no good revision is left"] },
  ]);
  lock?.release();
  expect(await sampleOf("lastgood_supervisor_up")).toBe(0);
});

test("before the supervisor has made the database each of them says so", async () => {
  const early = temporaryConsole();
  const why = expect.stringMatching(/^There is no database at .* Start the supervisor first/);
  const ask = async (path: string) => [(await early.ask(path)).status, await (await early.ask(path)).text()];
  for (const path of ["/healthz", "/readyz"]) {
    const [status, text] = await ask(path);
    expect([status, JSON.parse(String(text))]).toEqual([503, { ok: false, reasons: [why] }]);
  }
  expect(await ask("/metrics")).toEqual([503, why]);
  await early.remove();
});

test("what a label may not hold as it is, is escaped", () => {
  const help = "One \\ and\nanother line";
  const metric = {
    name: "lastgood_x",
    type: "gauge",
    help,
    samples: [{ labels: { a: '"\\\n' }, value: 1.5 }],
  } as const;
  expect(exposition([metric])).toBe(
    '# HELP lastgood_x One \\\\ and\\nanother line\n# TYPE lastgood_x gauge\nlastgood_x{a="\\"\\\\\\n"} 1.5\n',
  );
  expect(parseExposition(exposition([metric])).get("lastgood_x")?.samples.size).toBe(1);
});
