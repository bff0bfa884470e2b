import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { createFakeClock } from "../../shared/fake-clock.ts";
import { silentLogger } from "../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { type Alert, createWebhook, keepAlerting } from "./alerts.ts";

let temporary: TemporaryDatabase;
let supervisor: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  supervisor = logEvent(temporary.db, null, "process.started", { role: "supervisor", pid: 1, version: "v" });
});
afterEach(() => temporary.remove());

const halted = (reason: string) => logEvent(temporary.db, supervisor, "supervisor.halted", { reason });

/** Alerts until nothing is left to send; each answer is what the next delivery comes to. */
async function alertUntilQuiet(answers: (string | null)[] = [], now = Date.now()) {
  const delivered: Alert[] = [];
  const pauses: number[] = [];
  const stop = new AbortController();
  const clock = {
    ...createFakeClock(now),
    sleep: async (ms: number) => {
      pauses.push(ms);
      if (ms === 1000) stop.abort(); // it only looks for more
    },
  };
  const send = async (alert: Alert) => {
    delivered.push(alert);
    return answers.shift() ?? null;
  };
  await keepAlerting(
    { db: temporary.db, shared: { sharedIdOf: (id) => id }, clock, log: silentLogger, send },
    supervisor,
    stop.signal,
  );
  return { ids: delivered.map(({ id }) => id), delivered, pauses };
}

test("each alerting event is delivered once, in order, also by the next supervisor", async () => {
  const first = halted("nothing left");
  logEvent(temporary.db, supervisor, "restart.scheduled", { delay_ms: 1, attempt: 1 });
  const second = halted("nothing left again");
  expect((await alertUntilQuiet()).ids).toEqual([first, second]);
  expect((await alertUntilQuiet()).ids).toEqual([]);
  const third = halted("and again");
  expect((await alertUntilQuiet()).ids).toEqual([third]);
});

test("what was not taken is tried again, later and later, and nothing overtakes it", async () => {
  const first = halted("a");
  const second = halted("b");
  const { ids, pauses } = await alertUntilQuiet(["the webhook answered 500", "the webhook answered 500"]);
  expect(ids).toEqual([first, first, first, second]);
  expect(pauses).toEqual([2000, 4000, 1000]);
});

test("an alert of the day before yesterday is no news", async () => {
  halted("a");
  expect((await alertUntilQuiet([], Date.now() + 25 * 60 * 60 * 1000)).ids).toEqual([]);
});

test("a webhook gets JSON, and says whether it took it", async () => {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(JSON.parse(body));
    response.writeHead(bodies.length === 1 ? 204 : 503).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const send = createWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
  const alert = { id: 7, timestamp: 1, event_type: "supervisor.halted", payload: { reason: "nothing left" } };
  const signal = new AbortController().signal;
  expect([await send(alert, signal), await send(alert, signal)]).toEqual([null, "the webhook answered 503"]);
  expect(bodies).toEqual([alert, alert]);
  server.closeAllConnections();
  await once(server.close(), "close");
});
