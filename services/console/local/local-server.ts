import { Hono } from "hono";
import type { Clock } from "../../../shared/clock.ts";
import type { Logger } from "../../../shared/logging.ts";
import { createModelApi } from "./model/model-api.ts";
import { programsOnly } from "./programs-only.ts";
import { createBotApi } from "./telegram/bot-api.ts";
import type { LocalTelegram } from "./telegram/local-telegram.ts";

interface Ports {
  readonly telegram: LocalTelegram;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the worker talks to when it has no credentials: the model below /v1, the Bot API below /bot<token>. */
export function createLocalServer(ports: Ports, settings: LocalSettings, stopping: AbortSignal): Hono {
  const app = new Hono();
  app.use(programsOnly);
  app.route("/v1", createModelApi(ports.clock, settings, stopping));
  app.route("/", createBotApi(ports.telegram.answer, settings, stopping));
  app.onError((error, c) => {
    ports.logger.error({ err: error, path: c.req.routePath }, "a request to the local Bot API or model failed");
    return c.json({ ok: false, error_code: 500, description: "Internal Server Error" }, 500);
  });
  return app;
}

export interface LocalSettings {
  readonly token: string;
  readonly latencyMs: number;
}
