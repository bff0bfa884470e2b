import { Hono } from "hono";
import type { Logger } from "../../shared/logging.ts";
import { createChatApi } from "./chat/chat-api.ts";
import { createEventStream } from "./event-stream.ts";
import type { LocalTelegram } from "./local/telegram/local-telegram.ts";
import { createMonitoring, type MonitoringPorts } from "./monitoring/routes.ts";
import { createAssets } from "./pages/assets.ts";
import { chatPage } from "./pages/chat/chat.ts";
import { onlyHosts, sameOriginOnly, secureHeaders } from "./request-guard.ts";
import { createStatePages, type StatePorts } from "./state-pages.ts";
import { createTokenGate } from "./token-gate.ts";

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

/**
 * The server of the pages. The order is the protection: whose name, from whose page, with which token; then the pages.
 * @param stopping ends every open stream
 */
export function createPageServer(ports: Ports, settings: PageSettings, stopping: AbortSignal): Hono {
  const app = new Hono();
  app.use(secureHeaders);
  app.use(onlyHosts(settings.allowedHosts));
  app.use(sameOriginOnly);
  app.route("/assets", createAssets());
  if (settings.token !== null) app.route("/", createTokenGate(settings.token));
  app.route("/", createMonitoring(ports));
  app.get("/events", createEventStream(ports.state, stopping));
  app.route("/", createStatePages(ports));
  app.get("/chat", (c) => c.html(chatPage(ports.telegram.bot)));
  app.route("/", createChatApi(ports.telegram, stopping));
  app.notFound((c) => c.json({ error: "There is no such page." }, 404));
  app.onError((error, c) => {
    ports.logger.error({ err: error, path: c.req.routePath }, "a request to the page failed");
    return c.json({ error: "The console failed at this. Its log says why." }, 500);
  });
  return app;
}
