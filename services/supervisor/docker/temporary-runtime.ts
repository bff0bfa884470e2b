import { buffer } from "node:stream/consumers";
import { systemClock } from "../../../shared/clock.ts";
import { silentLogger } from "../../../shared/logging.ts";
import { openEngine } from "./docker-engine.ts";
import type { PullSettings } from "./docker-pull.ts";
import { createDockerRuntime } from "./docker-runtime.ts";
import { temporaryEngine } from "./temporary-engine.ts";

export interface Answer {
  readonly status: number;
  readonly body: object | string;
}

export interface Asked {
  /** "GET /containers/json?all=true" */
  readonly line: string;
  readonly body: Buffer;
}

/** The docker runtime over an engine that answers as a test says; null begins an answer, and never ends it. */
export async function temporaryRuntime(answer: (asked: Asked) => Answer | null, pulls: Partial<PullSettings> = {}) {
  const asked: Asked[] = [];
  const begun = Promise.withResolvers<void>();
  const hungUp = Promise.withResolvers<void>();
  const engine = await temporaryEngine(async (request, response) => {
    const one = { line: `${request.method} ${decodeURIComponent(request.url ?? "")}`, body: await buffer(request) };
    asked.push(one);
    const given = answer(one);
    if (given === null) {
      response
        .on("close", hungUp.resolve)
        .writeHead(200)
        .write('{"status":"Pulling"}\n', () => begun.resolve());
      return;
    }
    response.writeHead(given.status, { "content-type": "application/json" });
    response.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body));
  });
  const surroundings = {
    labels: { "com.docker.compose.project": "lastgood" },
    stateMount: { type: "volume", source: "state" },
    networks: ["net"],
  } as const;
  const limits = { memoryMb: 512, pids: 256, stopGraceSeconds: 30 };
  const ports = { docker: openEngine(engine.socketPath), clock: systemClock, log: silentLogger };
  const runtime = createDockerRuntime(ports, surroundings, {
    worker: { environment: {}, stateDir: "/state", limits },
    pulls: { loginsPath: "/nonexistent", stallMs: 60_000, longestMs: 60_000, tellMs: 1000, ...pulls },
  });
  return {
    runtime,
    asked,
    /** An answer without an end has begun; whoever asked does not wait for it any more. */
    begun: begun.promise,
    hungUp: hungUp.promise,
    remove: engine.remove,
  };
}

export const MISSING: Answer = { status: 404, body: { message: "no such thing" } };
