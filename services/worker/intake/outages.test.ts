import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createTelegram } from "../telegram.ts";
import { createAdmission } from "./admission.ts";
import { textUpdate } from "./fake-update-source.ts";
import { runIntake } from "./intake.ts";
import { createPairing } from "./pairing.ts";

/** The intake over the real client, against an HTTP server that does what a test says, poll by poll. */

type Behaviour = (response: ServerResponse) => void;

let temporary: TemporaryDatabase;
let server: Server;
let behaviours: Behaviour[];
let held: PromiseWithResolvers<void>;
beforeEach(async () => {
  temporary = temporaryDatabase();
  held = Promise.withResolvers();
  server = createServer((_request, response) => {
    const behave = behaviours.shift();
    if (behave) behave(response);
    else held.resolve();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
  temporary.remove();
});

const answer =
  (result: unknown[]): Behaviour =>
  (response) =>
    response.end(JSON.stringify({ ok: true, result }));
const refuse =
  (code: number, parameters = {}): Behaviour =>
  (response) =>
    response.writeHead(code).end(JSON.stringify({ ok: false, error_code: code, description: "as told", parameters }));
const html: Behaviour = (response) => response.writeHead(502).end("<html>Bad Gateway</html>");
const reset: Behaviour = (response) => response.socket?.resetAndDestroy();
/** The connection stays open, and nothing more comes, as when a NAT has forgotten it. */
const halfOpen: Behaviour = (response) => response.writeHead(200).write('{"ok":');

/** The client gives up on an answer 10 s after the poll's own time: this leaves it 300 ms. */
const SHORT_POLL_SECONDS = -9.7;

function intake(signal: AbortSignal, pollSeconds = 50) {
  const { db } = temporary;
  const processId = logEvent(db, null, "process.started", { role: "worker", pid: 1, version: "v", bot_id: 42 });
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { allowed: { kind: "everyone" }, ownerChat: null } as const;
  const pauses: number[] = [];
  const sleep = async (ms: number) => void pauses.push(ms);
  const running = runIntake(
    {
      db,
      log: silentLogger,
      source: createTelegram({ token: "42:token", apiRoot, pollSeconds }),
      clock: { ...createFakeClock(), sleep },
      admit: createAdmission(
        { db, pairing: createPairing(() => {}, { monotonicMs: () => 0 }) },
        { ...access, botId: 42, processId, courtesySince: null },
      ),
    },
    { botId: 42, processId, pollSeconds, backlog: null, random: () => 0 },
    { onTurn: () => {}, onCaughtUp: () => {}, onAccepted: () => {}, signal },
  );
  return { running, pauses };
}

const received = () => temporary.db.prepare("SELECT update_id FROM inbox ORDER BY id").pluck().all();

test("through conflicts, limits, errors, pages of a proxy and resets the intake goes on, and takes what comes after", async () => {
  behaviours = [
    answer([textUpdate(500)]),
    refuse(409),
    refuse(429, { retry_after: 7 }),
    refuse(500),
    html,
    reset,
    answer([textUpdate(501)]),
  ];
  const stop = new AbortController();
  const { running, pauses } = intake(stop.signal);
  await held.promise;
  stop.abort();
  await running;
  expect(received()).toEqual([500, 501]);
  expect(pauses).toEqual([2000, 7000, 4000, 8000, 16_000]);
});

test("an answer that stops halfway is given up on, and asked for again", async () => {
  behaviours = [halfOpen, answer([textUpdate(500)])];
  const stop = new AbortController();
  const { running } = intake(stop.signal, SHORT_POLL_SECONDS);
  await held.promise;
  stop.abort();
  await running;
  expect(received()).toEqual([500]);
});

test("asked to stop in the middle of a poll, the intake leaves at once", async () => {
  behaviours = [answer([])];
  const stop = new AbortController();
  const { running } = intake(stop.signal);
  await held.promise;
  const askedAt = performance.now();
  stop.abort();
  await running;
  expect(performance.now() - askedAt).toBeLessThan(1000);
});

test.each([401, 404])("a token refused with %i ends the intake: only another one helps", async (code) => {
  behaviours = [refuse(code)];
  await expect(intake(new AbortController().signal).running).rejects.toThrow(/TELEGRAM_BOT_TOKEN/);
});
