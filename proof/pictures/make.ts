import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../browser/launch.ts";
import { openChat } from "../e2e/chat.ts";

/** `npm run pictures`: the README's pictures, of the real system on this host. It needs Chromium; CHROMIUM says where. */

const ROOT = resolve(import.meta.dirname, "../..");
const PATIENCE_MS = 30_000;

const SCREEN = { width: 1100, height: 640 };
/** `shows` is on the page once it is whole. */
const VIEWS = [
  { name: "chat-light", path: "/chat", shows: "a broken revision", look: { colorScheme: "light", viewport: SCREEN } },
  { name: "chat-dark", path: "/chat", shows: "a broken revision", look: { colorScheme: "dark", viewport: SCREEN } },
  {
    name: "chat-phone",
    path: "/chat",
    shows: "a broken revision",
    look: { colorScheme: "light", viewport: { width: 390, height: 760 } },
  },
  { name: "now", path: "/", shows: "revision.promoted", look: { colorScheme: "light", viewport: SCREEN } },
  {
    name: "message",
    path: "/messages/2",
    shows: "part 1 of 1",
    look: { colorScheme: "dark", viewport: { width: 1100, height: 860 } },
  },
] as const;

const stateDir = mkdtempSync(join(tmpdir(), "lastgood-pictures-"));
const [port, localPort] = [await freePort(), await freePort()];
const system = start();
try {
  const address = `http://127.0.0.1:${port}`;
  await untilItSays(system, "worker.spawned");
  await talk(address);
  await takePictures(address);
} finally {
  system.kill("SIGTERM");
  await once(system, "close");
  rmSync(stateDir, { recursive: true });
}

function start(): ChildProcess {
  const settings = {
    STATE_DIR: stateDir,
    CONSOLE_PORT: String(port),
    LOCAL_PORT: String(localPort),
    PROBATION_SECONDS: "1",
  };
  const program = resolve(ROOT, "services/host/main.ts");
  const env = { PATH: process.env.PATH, ...settings };
  return spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "inherit"] });
}

function untilItSays(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve) => child.stdout?.on("data", (text) => String(text).includes(words) && resolve()));
}

async function talk(address: string): Promise<void> {
  const chat = await openChat(address, PATIENCE_MS);
  for (const text of ["Hello! Are you there?", "What happens when I deploy a broken revision?"]) {
    await chat.say(text);
    await chat.reply(text);
  }
}

async function takePictures(address: string): Promise<void> {
  const browser = await launchBrowser();
  for (const view of VIEWS) await takePicture(browser, address, view);
  await browser.close();
}

async function takePicture(browser: Browser, address: string, view: (typeof VIEWS)[number]): Promise<void> {
  const page = await browser.newPage(view.look);
  await page.goto(`${address}${view.path}`);
  await page.getByText(view.shows).last().waitFor();
  await page.screenshot({ path: join(import.meta.dirname, `${view.name}.png`) });
  await page.close();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}
