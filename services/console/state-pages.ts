import { join } from "node:path";
import { type Context, Hono } from "hono";
import type { Clock } from "../../shared/clock.ts";
import type { Database } from "../../shared/database.ts";
import { lastEvents } from "../../shared/event-log.ts";
import { HEARTBEAT_FILE, mtimeOf } from "../../shared/files.ts";
import { runningAttempts } from "../../shared/running-attempts.ts";
import { readStatus } from "../../shared/status.ts";
import type { Html } from "./pages/layout.ts";
import type { Place } from "./pages/navigation.ts";
import { nowPage } from "./pages/now/now.ts";
import { absentPage } from "./pages/state-page.ts";
import type { StateReader } from "./state-reader.ts";

export interface StatePorts {
  readonly state: StateReader;
  readonly stateDir: string;
  readonly clock: Clock;
}

/** The pages over the log. Each is read in one transaction, so that it shows one moment. */
export function createStatePages({ state, stateDir, clock }: StatePorts): Hono {
  const app = new Hono();
  const page = (place: Place, title: string, read: (db: Database, c: Context) => Html) => (c: Context) => {
    const seen = state.open();
    if (seen.kind === "absent") return c.html(absentPage(title, place, seen.why));
    return c.html(seen.db.transaction(() => read(seen.db, c))());
  };

  app.get(
    "/",
    page("/", "Now", (db) =>
      nowPage({
        status: readStatus(db, clock.now()),
        heartbeatAt: mtimeOf(join(stateDir, HEARTBEAT_FILE)),
        running: runningAttempts(db),
        events: lastEvents(db, LAST_EVENTS).reverse(),
      }),
    ),
  );
  return app;
}

const LAST_EVENTS = 15;
