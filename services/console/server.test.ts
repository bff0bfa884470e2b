import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

let local: TemporaryConsole;
beforeEach(() => {
  local = temporaryConsole();
});
afterEach(() => local.remove());

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
  for (const path of ["/", "/chats", "/nowhere", "/assets/chat.js"]) {
    const { headers } = await local.page.request(path);
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect([headers.get("x-content-type-options"), headers.get("referrer-policy")]).toEqual(["nosniff", "no-referrer"]);
  }
});

test("the page has nothing inline that its policy would forbid, and every file it names", async () => {
  const page = await (await local.page.request("/")).text();
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
  const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "");
  const scripts = ["/assets/chat.js"];
  for (let name = scripts.shift(); name; name = scripts.shift()) {
    const script = await (await local.page.request(name)).text();
    const imports = [...script.matchAll(/from "\.\/([^"]+)"/g)].map((match) => `/assets/${match[1]}`);
    files.push(...imports);
    scripts.push(...imports);
  }
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) expect([file, (await local.page.request(file)).status]).toEqual([file, 200]);
});

async function rawRequest(address: string, host: string): Promise<string> {
  const { connect } = await import("node:net");
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let answer = "";
  for await (const bytes of socket) answer += bytes;
  return answer;
}
