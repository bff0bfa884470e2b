import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { nextEvent } from "../../shared/follow.ts";
import { temporaryDatabase } from "../../shared/temporary-database.ts";

const PROGRAM = resolve(import.meta.dirname, "main.ts");
const PATIENCE_MS = 30_000;

/** Nobody else's: it lies below those that the kernel gives out, and each process of jest has another. */
const LOCAL_PORT = String(20_000 + (process.pid % 10_000));

test("the worker finds the local Telegram on the port that it is given, and all of them go with a SIGTERM", async () => {
  const { db, directory, remove } = temporaryDatabase();
  const volumes = { STATE_DIR: directory, OWN_DIR: join(directory, "own"), REQUESTS_DIR: join(directory, "requests") };
  const settings = { ...volumes, CONSOLE_PORT: "0", LOCAL_PORT };
  const host = fork(PROGRAM, [], { env: { PATH: process.env.PATH, ...settings }, silent: true });
  const ended = once(host, "close");
  const isReady = ({ eventType }: { eventType: string }) => eventType === "worker.ready";
  expect(await nextEvent(db, 0, isReady, AbortSignal.timeout(PATIENCE_MS))).toMatchObject({
    eventType: "worker.ready",
  });
  for (const made of ["own", "requests/in", "requests/answers"]) expect(existsSync(join(directory, made))).toBe(true);
  host.kill("SIGTERM");
  expect((await ended)[0]).toBe(0);
  const isExit = ({ eventType }: { eventType: string }) => eventType === "worker.exited";
  expect(await nextEvent(db, 0, isExit, AbortSignal.timeout(PATIENCE_MS))).toMatchObject({
    payload: { class: "asked" },
  });
  remove();
});
