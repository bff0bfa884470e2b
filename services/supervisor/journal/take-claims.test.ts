import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent, newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { createFakeClock } from "../../../shared/fake-clock.ts";
import { createLogger } from "../../../shared/logging.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { createRecorder } from "../performer.ts";
import { openLedger } from "./ledger.ts";
import { takeClaim } from "./take-claims.ts";

/** As main.ts makes it, before this supervisor has an id: nothing may hang under it. */
const NOBODY = 0;

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

test("a deploy that the chat may not ask for is rejected by the supervisor, and ends nothing else", () => {
  const { db: journal } = temporary;
  const supervisor = logEvent(journal, null, EventType.ProcessStarted, { role: "supervisor", pid: 1, version: "v" });
  const record = createRecorder(
    journal,
    createLogger("supervisor", { LOG_LEVEL: "silent", LOG_FORMAT: "json" }),
    NOBODY,
  );
  const ledger = openLedger(join(temporary.directory, "mirror.db"));
  const ports = { journal, ledger, record, chatDeploys: { kind: "off" } as const, clock: createFakeClock(0) };
  const payload = { by: "evil", from: "cli", revision: "worker:bad" } as const;
  const claim = { id: 7, timestamp: 1, parentId: null, type: "deploy.requested", payload } as const;
  expect(takeClaim(ports, claim)).toBe("taken");
  ledger.close();
  expect(newestEvent(journal, EventType.DeployRejected)).toMatchObject({ parentId: supervisor });
});
