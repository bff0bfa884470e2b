import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

let local: TemporaryConsole;
beforeEach(() => {
  local = temporaryConsole();
});
afterEach(() => local.remove());

const PAGES = ["/", "/revisions", "/messages", "/usage", "/set-aside", "/chat"];

const post = (headers: Record<string, string>) =>
  local.page.request("http://localhost:8080/chats", { method: "POST", headers });

test("a foreign host name is refused, an own one is answered whatever the port", async () => {
  const statusOf = async (host: string) => (await local.page.request(`http://${host}/`)).status;
  expect(await statusOf("localhost")).toBe(200);
  expect(await statusOf("127.0.0.1:9999")).toBe(200);
  expect(await statusOf("evil.example")).toBe(421);
  expect(await statusOf("localhost.evil.example")).toBe(421);
  expect(await statusOf("[::1]:8080")).toBe(421);
  expect((await local.page.request("http://evil.example/metrics")).status).toBe(421);
});

test("over a real connection the Host header decides", async () => {
  const address = await local.serve(local.page);
  expect((await fetch(address)).status).toBe(200);
  expect((await rawRequest(address, "evil.example")).split("\r\n")[0]).toMatch(/421/);
});

test("another site can change nothing here; the page itself and a program can", async () => {
  expect((await post({})).status).toBe(201);
  expect((await post({ Origin: "http://localhost:8080" })).status).toBe(201);
  expect((await post({ Origin: "http://localhost:9090" })).status).toBe(403);
  expect((await post({ Origin: "http://evil.example" })).status).toBe(403);
  expect((await post({ Origin: "null" })).status).toBe(403);
  expect((await post({ "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
  expect((await local.ask("/chats").then((response) => response.json())) as object).toMatchObject({
    chats: [{ chat_id: 1002 }, { chat_id: 1001 }],
  });
});

test("every answer forbids foreign scripts, frames, referrers and sniffing", async () => {
  for (const path of ["/", "/chats", "/nowhere", "/assets/chat/chat.js"]) {
    const { headers } = await local.page.request(path);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect([headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual(["nosniff", "same-origin"]);
  }
});

test("no page has anything inline that its policy would forbid, and every file it names is there", async () => {
  const files = new Set<string>();
  for (const path of PAGES) {
    const page = await (await local.page.request(path)).text();
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
    for (const [, name = ""] of page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) files.add(name);
  }
  for (const name of files) {
    const response = await local.page.request(name);
    expect([name, response.status]).toEqual([name, 200]);
    for (const [, imported = ""] of (await response.text()).matchAll(/from "(\.[^"]+)"/g)) {
      files.add(new URL(imported, `http://localhost${name}`).pathname);
    }
  }
  expect(files.size).toBeGreaterThan(12);
});

test("before the supervisor made the log every page over it says so, and is there", async () => {
  for (const path of PAGES.filter((name) => name !== "/chat")) {
    const response = await local.page.request(path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(await response.text()).toContain("Nothing has run here yet");
  }
});

test("what cannot be had is a page with a way on for a browser, and a sentence for a program", async () => {
  for (const path of ["/nowhere", "/messages/77/texts/1", "/chat/1"]) {
    const page = await local.page.request(path, { headers: { Accept: "text/html,*/*" } });
    expect([path, page.status, page.headers.get("content-type")]).toEqual([path, 404, "text/html; charset=UTF-8"]);
    expect(await page.text()).toMatch(/<h1>There is no such page<\/h1>[\s\S]*href="\/"/);
    const answer = await local.page.request(path);
    expect(await answer.json()).toEqual({ error: "Nothing is at this address, or not any more." });
  }
});

async function rawRequest(address: string, host: string): Promise<string> {
  const { connect } = await import("node:net");
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let answer = "";
  for await (const bytes of socket) answer += bytes;
  return answer;
}
