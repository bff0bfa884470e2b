import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents } from "../../shared/event-log.ts";
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

test("where nothing has run yet nothing can be asked for, and no database is made", async () => {
  const empty = temporaryConsole();
  const body = new URLSearchParams({ wish: "stop" });
  expect((await empty.page.request("/requests", { method: "POST", body })).status).toBe(409);
  expect((await empty.page.request("/revisions")).status).toBe(200);
  await empty.remove();
});
