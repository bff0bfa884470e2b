import { type Context, Hono } from "hono";
import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { lastEvents } from "../../../shared/event-log.ts";
import { whyNotReady } from "../../../shared/readiness.ts";
import { readLog, type StateReader } from "../state-reader.ts";
import { counters } from "./counters.ts";
import { CONTENT_TYPE, exposition } from "./exposition.ts";
import { gauges } from "./gauges.ts";
import { createLiveTotals } from "./live-totals.ts";
import { readMoment } from "./moment.ts";

export interface MonitoringPorts {
  readonly state: StateReader;
  readonly stateDir: string;
  readonly requestsDir: string;
  readonly clock: Clock;
}

/**
 * For other programs: `/healthz`, whether this process lives and can read the database; `/readyz`, whether messages are
 * answered; both 200 or 503 with the reasons; `/metrics` for Prometheus.
 */
export function createMonitoring({ state, stateDir, requestsDir, clock }: MonitoringPorts): Hono {
  const live = createLiveTotals();
  const app = new Hono();
  const moment = (db: Database) => readMoment(db, { stateDir, requestsDir, now: clock.now() });

  app.get("/healthz", (c) => {
    const seen = state.open();
    if (seen.kind === "absent") return verdict(c, [seen.why]);
    return verdict(c, whyUnreadable(seen.db));
  });

  app.get("/readyz", (c) => {
    const seen = readLog(state, moment);
    return verdict(c, seen.kind === "unreadable" ? [seen.why] : whyNotReady(seen.value));
  });

  app.get("/metrics", async (c) => {
    const seen = state.open();
    if (seen.kind === "absent") return c.text(`${seen.why}\n`, 503);
    const totals = await live.read(seen.db);
    const now = readLog(state, moment);
    if (now.kind === "unreadable") return c.text(`${now.why}\n`, 503);
    const metrics = [...gauges(now.value), ...counters(totals)];
    return c.body(exposition(metrics), 200, { "Content-Type": CONTENT_TYPE });
  });
  return app;
}

function verdict(c: Context, reasons: readonly string[]) {
  return c.json({ ok: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
}

function whyUnreadable(db: Database): string[] {
  try {
    lastEvents(db, 1);
    return [];
  } catch (error) {
    return [`the database cannot be read: ${(error as { code?: unknown }).code ?? error}`];
  }
}
