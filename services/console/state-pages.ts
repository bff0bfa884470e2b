import { join } from "node:path";
import { type Context, Hono } from "hono";
import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { lastEvents } from "../../shared/event-log.ts";
import { HEARTBEAT_FILE, mtimeOf } from "../../shared/files.ts";
import { statusAsTold } from "../../shared/requests/status-as-told.ts";
import { readSupervisorView, supervisorRuns } from "../../shared/requests/supervisor-view.ts";
import { runningAttempts } from "../../shared/running-attempts.ts";
import { createMessagePages } from "./message-pages.ts";
import type { Html } from "./pages/layout.ts";
import type { Place } from "./pages/navigation.ts";
import { nowPage } from "./pages/now/now.ts";
import { type WithoutLog, withoutLogPage } from "./pages/without-log.ts";
import { createRevisionPages } from "./revision-pages.ts";
import { createSetAsidePages } from "./set-aside-pages.ts";
import { readLog, type StateReader } from "./state-reader.ts";
import { createUsagePages } from "./usage-pages.ts";

export interface StatePorts {
  readonly state: StateReader;
  readonly stateDir: string;
  /** Where an operator's requests are put, and answered. */
  readonly requestsDir: string;
  /** What a day may cost; null for no limit. */
  readonly dailyBudgetUsd: number | null;
  readonly clock: Clock;
}

/**
 * A route to a page over the log. `read` returns null when there is no such thing as was asked for; `without` is what
 * there is instead where the log cannot be read.
 */
export type PageOf = (
  place: Place,
  title: string,
  read: (db: Database, c: Context) => Html | null,
  without?: (told: WithoutLog, c: Context) => Html,
) => (c: Context) => Response | Promise<Response>;

/** The pages over the log. Each is read in one transaction, so that it shows one moment. */
export function createStatePages(ports: StatePorts): Hono {
  const { state, stateDir, requestsDir, clock } = ports;
  const app = new Hono();
  const toldWithout = (why: string): WithoutLog => ({
    why,
    view: readSupervisorView(requestsDir),
    runs: supervisorRuns(requestsDir),
    now: clock.now(),
  });
  const page: PageOf = (place, title, read, without) => (c) => {
    const seen = readLog(state, (db) => read(db, c));
    if (seen.kind === "read") return seen.value === null ? c.notFound() : c.html(seen.value);
    const told = toldWithout(seen.why);
    return c.html(without ? without(told, c) : withoutLogPage(title, place, told));
  };

  app.get(
    "/",
    page("/", "Now", (db) => {
      const now = clock.now();
      const heartbeatAt = mtimeOf(join(stateDir, HEARTBEAT_FILE));
      const events = lastEvents(db, LAST_EVENTS).reverse();
      const status = statusAsTold(db, requestsDir, now);
      return nowPage({ status, heartbeatAt, running: runningAttempts(db), events }, now);
    }),
  );
  app.route("/", createMessagePages(ports, page));
  app.route("/", createRevisionPages(ports, page));
  app.route("/", createSetAsidePages(ports, page));
  app.route("/", createUsagePages(ports, page));
  return app;
}

const LAST_EVENTS = 15;
