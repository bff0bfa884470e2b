import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Logger } from "../../shared/logging.ts";
import { createChatApi } from "./chat/chat-api.ts";
import { createEventStream } from "./event-stream.ts";
import type { LocalTelegram } from "./local/telegram/local-telegram.ts";
import { createMonitoring, type MonitoringPorts } from "./monitoring/routes.ts";
import { createAssets } from "./pages/assets.ts";
import { chatPage } from "./pages/chat/chat.ts";
import { problem } from "./problem.ts";
import { onlyHosts, onlyThisMachine, sameOriginOnly, secureHeaders } from "./request-guard.ts";
import { createStatePages, type StatePorts } from "./state-pages.ts";
import { createTokenGate } from "./token-gate.ts";
import { createWrongTokens } from "./wrong-tokens.ts";

interface Ports extends StatePorts, MonitoringPorts {
  readonly telegram: LocalTelegram;
  readonly logger: Logger;
}

export interface PageSettings {
  /** Host names in lower case, without ports. */
  readonly allowedHosts: readonly string[];
  /** Null asks nothing of visitors. */
  readonly token: string | null;
}

/** A message is 4096 characters at most, which as JSON take six bytes each; a form is shorter. */
const LONGEST_BODY = 64 * 1024;

/**
 * The server of the pages. The order is the protection: whose name, from where, from whose page, with which token; then a
 * body is read, and the pages answer.
 * @param stopping ends every open stream
 */
export function createPageServer(ports: Ports, settings: PageSettings, stopping: AbortSignal): Hono {
  const app = new Hono();
  app.use(secureHeaders);
  app.use(onlyHosts(settings.allowedHosts));
  if (settings.token === null) app.use(onlyThisMachine);
  app.use(sameOriginOnly);
  app.route("/assets", createAssets());
  if (settings.token !== null) {
    app.route("/", createTokenGate(settings.token, createWrongTokens(ports.clock, ports.logger)));
  }
  app.use(bodyLimit({ maxSize: LONGEST_BODY, onError: (c) => problem(c, 413, "The body is over 64 KB.") }));
  app.route("/", createMonitoring(ports));
  app.get("/events", createEventStream(ports.state, stopping));
  app.route("/", createStatePages(ports));
  app.get("/chat", (c) => c.html(chatPage(ports.telegram.bot)));
  app.route("/", createChatApi(ports, stopping));
  app.notFound((c) => problem(c, 404, "Nothing is at this address, or not any more."));
  app.onError((error, c) => {
    ports.logger.error({ err: error, path: c.req.routePath }, "a request to the page failed");
    return problem(c, 500, "Its log says why.");
  });
  return app;
}
