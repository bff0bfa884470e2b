import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "@jest/globals";

const MAIN = join(import.meta.dirname, "main.ts");

test("the process serves both ports and on SIGTERM leaves at once, open streams and polls or not", async () => {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-console-"));
  const child = start({ STATE_DIR: directory, CONSOLE_PORT: "0", LOCAL_PORT: "0" });
  const [line] = await once(createInterface(child.stdout), "line");
  const { page, local_port } = JSON.parse(line);

  expect((await fetch(`${page}/healthz`)).status).toBe(503); // no supervisor has made the database yet
  const { chat_id } = (await (await fetch(`${page}/chats`, { method: "POST" })).json()) as { chat_id: number };
  const stream = await fetch(`${page}/chats/${chat_id}/stream`);
  const poll = fetch(`http://127.0.0.1:${local_port}/bot1:local/getUpdates?timeout=50`);
  await untilConnected(stream.body ?? new ReadableStream());
  const stopped = Date.now();
  child.kill("SIGTERM");
  expect((await poll).status).toBe(500);
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(Date.now() - stopped).toBeLessThan(2000);
  rmSync(directory, { recursive: true });
});

test("a setting that is wrong ends the start with 78 and its remedy", async () => {
  const child = start({ CONSOLE_HOST: "0.0.0.0" });
  const output = new Response(child.stderr as unknown as ReadableStream).text();
  expect(await once(child, "exit")).toEqual([78, null]);
  expect(await output).toMatch(/^The chat page would be open to everyone who reaches 0\.0\.0\.0\. Set CONSOLE_TOKEN/);
});

function start(env: Record<string, string>) {
  return spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "pipe", "pipe"] });
}

async function untilConnected(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ""; !text.includes('"agent":"connected"'); ) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the stream has ended");
    text += value;
  }
}
