import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { boundConnections } from "./bounded-connections.ts";
import { type TemporaryConsole, temporaryConsole } from "./temporary-console.ts";

const TOKEN = "a token of this test's";

let local: TemporaryConsole | null = null;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await local?.remove();
  local = null;
});

function served(token: string | null): Promise<string> {
  local = temporaryConsole({ token });
  return local.serve(local.page);
}

/** The status of one request from an address of the loopback. */
async function statusOf(address: string, from: string, path: string, headers: Record<string, string> = {}) {
  const asked = request(new URL(path, address), { localAddress: from, headers, agent: false }).end();
  const [answer] = await once(asked, "response");
  answer.resume();
  return { status: answer.statusCode, retryAfter: answer.headers["retry-after"] };
}

/** A connection that was sent this, and what came back by the time it ended. */
function open(address: string, text: string): { socket: Socket; ended: Promise<string> } {
  const socket = connect(Number(new URL(address).port), "127.0.0.1").setEncoding("latin1");
  sockets.push(socket);
  let answer = "";
  socket.on("data", (part) => (answer += part)).on("error", () => {});
  socket.write(text);
  return { socket, ended: once(socket, "close").then(() => answer) };
}

const firstLine = (answer: string) => answer.split("\r\n", 1)[0];

test("wrong tokens are refused after a few, and the right one goes on from elsewhere", async () => {
  const address = await served(TOKEN);
  const guess = (from: string, token: string) =>
    statusOf(address, from, "/chats", { Authorization: `Bearer ${token}` });
  const statuses: (number | undefined)[] = [];
  for (let time = 0; time < 8; time += 1) statuses.push((await guess("127.0.0.2", `guess ${time}`)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const right = await guess("127.0.0.2", TOKEN);
  expect([right.status, Number(right.retryAfter) > 0]).toEqual([429, true]);
  expect((await statusOf(address, "127.0.0.2", `/?token=${TOKEN.replaceAll(" ", "+")}`)).status).toBe(429);
  expect((await guess("127.0.0.3", TOKEN)).status).toBe(200);
});

test("whoever has signed in goes on, also from an address that guesses", async () => {
  const address = await served(TOKEN);
  const signedIn = await fetch(`${address}/?token=${TOKEN.replaceAll(" ", "+")}`, { redirect: "manual" });
  const Cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  for (let time = 0; time < 6; time += 1) await statusOf(address, "127.0.0.1", `/?token=${time}`);
  expect((await statusOf(address, "127.0.0.1", "/?token=6")).status).toBe(429);
  expect((await statusOf(address, "127.0.0.1", "/chats", { Cookie })).status).toBe(200);
});

test("a long body is refused before it comes, and before the token is known no other body is read", async () => {
  const address = await served(TOKEN);
  const post = (path: string, framing: string) =>
    open(address, `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n`).ended.then(firstLine);
  expect(await post("/sign-in", "Content-Length: 900000")).toBe("HTTP/1.1 413 Payload Too Large");
  const chunk = `Transfer-Encoding: chunked\r\n\r\n${(5000).toString(16)}\r\n${"x".repeat(5000)}`;
  expect(await post("/sign-in", chunk)).toBe("HTTP/1.1 413 Payload Too Large");
  expect(await post("/requests", "Content-Length: 900000")).toBe("HTTP/1.1 401 Unauthorized");
  expect(await post("/requests", "Transfer-Encoding: chunked")).toBe("HTTP/1.1 401 Unauthorized");
});

test("without a token a body is read up to 64 KB", async () => {
  const address = await served(null);
  const post = `POST /chats/1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n`;
  expect(firstLine(await open(address, post).ended)).toBe("HTTP/1.1 413 Payload Too Large");
});

test("of many unfinished requests the oldest make room, and what is being answered stays", async () => {
  const server = createServer();
  boundConnections(server, 3);
  server.on("request", (asked, answer) => asked.url === "/" && answer.end("here"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stream = open(address, "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(server, "request");
  const unfinished: ReturnType<typeof open>[] = [];
  for (const start of ["GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", "", "G"]) {
    unfinished.push(open(address, start));
    await once(server, "connection");
  }
  await unfinished[0]?.ended;
  expect(await (await fetch(address)).text()).toBe("here");
  await unfinished[1]?.ended;
  expect([stream, ...unfinished.slice(2)].map(({ socket }) => socket.destroyed)).toEqual([false, false, false]);
  server.closeAllConnections();
  server.close();
});

/** As @hono/node-server hands it over. */
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

test("without a token a neighbour is refused by whatever name it calls; with one, the token decides", async () => {
  local = temporaryConsole();
  const wish = { method: "POST", body: new URLSearchParams({ wish: "stop" }) };
  const statuses = async (headers: Record<string, string>, peer: string) => [
    (await local?.page.request("http://127.0.0.1/requests", { ...wish, headers }, from(peer)))?.status,
    (await local?.page.request("http://127.0.0.1/", { headers }, from(peer)))?.status,
  ];
  for (const neighbour of ["198.51.100.7", "::ffff:198.51.100.7", "2001:db8::7"]) {
    expect(await statuses({}, neighbour)).toEqual([403, 403]);
  }
  for (const here of ["127.0.0.1", "::ffff:127.0.0.1", "::1"]) expect(await statuses({}, here)).toEqual([409, 200]);
  await local.remove();
  local = temporaryConsole({ token: TOKEN });
  const Authorization = `Bearer ${TOKEN}`;
  expect([await statuses({}, "198.51.100.7"), await statuses({ Authorization }, "198.51.100.7")]).toEqual([
    [401, 401],
    [409, 200],
  ]);
});
