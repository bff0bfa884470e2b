import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents, logEvent, newestEventId } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

let temporary: TemporaryDatabase;
let local: TemporaryConsole;
beforeEach(() => {
  temporary = temporaryDatabase();
  local = temporaryConsole({ directory: temporary.directory });
});
afterEach(async () => {
  await local.remove({ keep: true });
  temporary.remove();
});

const request = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  local.page.request("http://localhost:8080/requests", {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
  });

test("a wish is recorded once, with who asked and from where, and the page that follows it is opened", async () => {
  const response = await request({ wish: "deploy", revision: " worker:v2 " }, { Origin: "http://localhost:8080" });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/revisions?request=1"]);
  expect(lastEvents(temporary.db, 10)).toMatchObject([
    { eventType: "deploy.requested", payload: { by: "operator", from: "console", revision: "worker:v2" } },
  ]);
});

test("what another site's page, a wrong name or no image asks for is refused, and not recorded", async () => {
  const another = { Origin: "http://evil.example" };
  expect((await request({ wish: "stop" }, another)).status).toBe(403);
  expect((await request({ wish: "toString" })).status).toBe(400);
  expect((await request({ wish: "deploy", revision: "--privileged" })).status).toBe(400);
  expect((await local.page.request("/revisions/ask?wish=none")).status).toBe(404);
  expect(lastEvents(temporary.db, 10)).toEqual([]);
});

test("a rollback goes to a good revision that is held, and to none that was given up, runs, or was never good", async () => {
  const { db } = temporary;
  const image = (tag: string) => ({ revision: `worker:${tag}`, image_id: `sha256:${tag}` });
  const evidence = { ready_seconds: 60, instance: "1.1" };
  for (const tag of ["a", "b", "c", "d"]) logEvent(db, null, EventType.RevisionPromoted, { ...image(tag), evidence });
  logEvent(db, null, EventType.DeployStarted, { ...image("d"), request_id: null, reason: "requested" });
  logEvent(db, null, EventType.RevisionQuarantined, { ...image("c"), reason: "it crashed" });
  const before = newestEventId(db);
  for (const refused of ["sha256:c", "sha256:d", "sha256:z"]) {
    expect((await request({ wish: "rollback", image: refused })).status).toBe(409);
  }
  expect(newestEventId(db)).toBe(before);
  expect((await request({ wish: "rollback", image: "sha256:a" })).status).toBe(303);
  expect(lastEvents(db, 1)).toMatchObject([
    { eventType: "rollback.requested", payload: { by: "operator", from: "console", ...image("a") } },
  ]);
});

test("where nothing has run yet nothing can be asked for, and no database is made", async () => {
  const empty = temporaryConsole();
  const body = new URLSearchParams({ wish: "stop" });
  expect((await empty.page.request("/requests", { method: "POST", body })).status).toBe(409);
  expect((await empty.page.request("/revisions")).status).toBe(200);
  await empty.remove();
});
