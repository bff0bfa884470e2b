import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

let local: TemporaryConsole;
beforeEach(() => {
  local = temporaryConsole({ token: "open sesame" });
});
afterEach(() => local.remove());

const statusOf = async (path: string, headers: Record<string, string> = {}) =>
  (await local.page.request(path, { headers })).status;

test("without the token every page is closed, and says so", async () => {
  for (const path of ["/", "/chats", "/chats/1001/stream", "/metrics", "/healthz", "/readyz", "/nowhere"])
    expect(await statusOf(path)).toBe(401);
  expect(await statusOf("/", { Authorization: "Bearer open" })).toBe(401);
  expect(await statusOf("/", { Cookie: "console_session=open sesame" })).toBe(401);
  expect(await statusOf("/?token=wrong")).toBe(401);
  expect((await local.page.request("/chats", { method: "POST" })).status).toBe(401);
  expect(await (await local.page.request("/")).text()).toMatch(/CONSOLE_TOKEN/);
});

test("a bearer token opens", async () => {
  expect(await statusOf("/chats", { Authorization: "Bearer open sesame" })).toBe(200);
  expect(await statusOf("/metrics", { Authorization: "Bearer open sesame" })).toBe(503); // there is no database yet
});

test("a token in the address is taken once: it leaves the address and becomes a cookie that does not hold it", async () => {
  const response = await local.page.request("/?token=open+sesame&chat=1001");
  expect([response.status, response.headers.get("location")]).toEqual([303, "/?chat=1001"]);
  const cookie = response.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/; HttpOnly/);
  expect(cookie).toMatch(/; SameSite=Strict/);
  expect(cookie).not.toMatch(/sesame/);
  expect(await statusOf("/", { Cookie: cookie.split(";")[0] ?? "" })).toBe(200);
});

test("a token in an address leads to a page of ours, whatever else the address looks like", async () => {
  const response = await local.page.request("http://localhost//evil.example/?token=open+sesame");
  expect([response.status, response.headers.get("location")]).toEqual([303, "/evil.example/"]);
});

test("nobody without the token can have a long body read", async () => {
  const body = new URLSearchParams({ token: "x".repeat(4096) });
  expect((await local.page.request("/sign-in", { method: "POST", body })).status).toBe(413);
});

test("the sign-in form names its origin, and opens with the token alone", async () => {
  const signIn = (token: string) =>
    local.page.request("/sign-in", { method: "POST", body: new URLSearchParams({ token }) });
  expect((await local.page.request("/")).headers.get("referrer-policy")).toBe("same-origin");
  const wrong = await signIn('"><script>');
  expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringMatching(/That is not the token/)]);
  const right = await signIn("open sesame");
  expect([right.status, right.headers.get("location")]).toEqual([303, "/"]);
});

test("a cookie ends with the token it was made from", async () => {
  const response = await local.page.request("/?token=open+sesame");
  const cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const other = temporaryConsole({ token: "another" });
  expect((await other.page.request("/", { headers: { Cookie: cookie } })).status).toBe(401);
  await other.remove();
});
