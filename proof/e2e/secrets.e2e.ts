import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { MARKED_SECRETS, markedFiles, markIn } from "../marked-secrets.ts";
import { must, run } from "./command.ts";
import { type OwnPeers, startOwnPeers } from "./own-peers.ts";
import { type System, startSystem } from "./system.ts";

/** Everything that can quote a secret is made to; then everything that is kept is searched for a marked stretch of one. */

const { TELEGRAM_BOT_TOKEN: TOKEN, CONSOLE_TOKEN, ALERT_WEBHOOK_URL, ...others } = MARKED_SECRETS;
/** Where this machine is, for containers: the address of the engine's default bridge. */
const HOST = ["network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"];

let peers: OwnPeers;
let system: System;
let directory: string;
let sendsToQuote = 1;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lastgood-secrets-"));
  peers = await startOwnPeers(TOKEN, {
    host: await must("docker", HOST),
    telegram: async ({ method }, act) => {
      if (method !== "sendmessage" || sendsToQuote === 0) return act();
      sendsToQuote -= 1;
      const description = `Bad Gateway: POST https://api.telegram.org/bot${TOKEN}/sendMessage`;
      return Response.json({ ok: false, error_code: 502, description }, { status: 502 });
    },
    model: (body, c) => {
      if (!body.includes("quote my key")) return null;
      const message = `Incorrect API key provided: ${c.req.header("authorization")}`;
      return c.json({ error: { message, type: "invalid_request_error", code: message } }, 401);
    },
  });
  system = await startSystem("secrets", {
    ...others,
    AGENT_MAIL_PASSWORD: `'${others.AGENT_MAIL_PASSWORD.replace("'", "\\'")}'`,
    TELEGRAM_BOT_TOKEN: TOKEN,
    CONSOLE_TOKEN,
    ALERT_WEBHOOK_URL,
    TELEGRAM_ALLOWED_CHATS: "*",
    TELEGRAM_OWNER_CHAT: "*",
    LOG_LEVEL: "debug",
    ...peers.settings,
  });
});
afterAll(async () => {
  await system?.stop();
  await peers?.stop();
  if (directory) rmSync(directory, { recursive: true });
});

/** Its tool says what the worker was given, and its worker dies of an error that quotes it, after it printed it. */
const LEAKY = `RUN node -e '\\
const fs = require("node:fs"); const edit = (file, from, to) => { \\
  const text = fs.readFileSync(file, "utf8"); if (!text.includes(from)) process.exit(1); \\
  fs.writeFileSync(file, text.replace(from, to)); }; \\
edit("services/worker/tools/current-time.ts", "const format =", "if (timeZone) return JSON.stringify(process.env); const format ="); \\
edit("services/worker/commands/status.ts", "const lines =", "setTimeout(() => { console.error(process.env); \\
  throw new Error(Object.values(process.env).join(String.fromCharCode(10)) + JSON.stringify(process.env)); }, 0); const lines =");'`;

test("no secret is in the database, a log, an image or what the model is shown, whatever quotes it", async () => {
  const chat = peers.openChat();
  // The console's token and the alerts' address are kept from the worker, which could not know them when it meets them.
  for (const secret of [TOKEN, ...Object.values(others)]) await chat.ask(`what is ${secret}?`, /You wrote: “what is/);
  await chat.ask("please quote my key", /the model's provider refuses our key/);
  await chat.ask(`/deploy ${TOKEN}`, /./);

  const given = await must("docker", ["inspect", "--format", "{{json .Config}}", system.worker]);
  expect(given).toContain(JSON.stringify(`OPENAI_API_KEY=${others.OPENAI_API_KEY}`));
  for (const kept of [CONSOLE_TOKEN, ALERT_WEBHOOK_URL]) expect(given).not.toContain(kept);

  const leaky = await system.buildWorker("leaky", "USER root", LEAKY, "USER node");
  expect(await system.lastgood("deploy", leaky)).toMatchObject({ exitCode: 0 });
  await chat.ask("what time is it?", /The tool answered: .*HOSTNAME/);
  chat.say("/status");
  const exit = await system.nextEvent(0, ({ event_type, payload }) => {
    return event_type === "worker.exited" && payload.class === "crash";
  });
  expect(String(exit.payload.log_tail)).toContain("[redacted]");
  await chat.ask("and now?", /You wrote: “and now\?”/);
  await system.lastgood("doctor");

  expect(peers.shown.length).toBeGreaterThan(6);
  expect(peers.shown.map(markIn).filter(Boolean)).toEqual([]);
  expect(markIn(await system.compose("logs"))).toBeNull();
  expect(markIn(JSON.stringify(await system.eventsSince(0)))).toBeNull();
  expect(chat.said().map(markIn).filter(Boolean)).toEqual([]);
  await must("docker", ["cp", `${system.supervisor}:/state`, join(directory, "state")]);
  for (const image of [system.image, leaky, system.image.replace("worker", "supervisor")]) {
    const place = join(directory, image.replace(/\W/g, "-"));
    await must("sh", ["-ec", 'mkdir -p "$1" && docker save "$0" | tar -x -C "$1"', image, place]);
  }
  const unpack =
    'find "$0" -type f | while read -r file; do gzip -t "$file" 2>/dev/null && gzip -dc < "$file" > "$file.out"; done; true';
  await run("sh", ["-c", unpack, directory]);
  expect(markedFiles(directory)).toEqual([]);
});

test("a page of the console shows no secret, nor does its log the token that opens it", async () => {
  const address = `http://${await system.compose("port", "console", "8080")}`;
  const opened = await fetch(`${address}/?token=${encodeURIComponent(CONSOLE_TOKEN)}`, { redirect: "manual" });
  const cookie = String(opened.headers.get("set-cookie")).split(";")[0] ?? "";
  expect(opened.status).toBe(303);
  for (const path of ["/", "/chats", "/commands", "/nowhere"]) {
    expect(markIn(await (await fetch(`${address}${path}`, { headers: { cookie } })).text())).toBeNull();
  }
  expect(markIn(JSON.stringify([...opened.headers]))).toBeNull();
  expect(markIn(await system.compose("logs", "console"))).toBeNull();
});
