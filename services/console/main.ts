import { once } from "node:events";
import { join } from "node:path";
import { systemClock } from "../../shared/clock.ts";
import { openDatabase } from "../../shared/database.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { LOCAL_BOT_TOKEN } from "../../shared/local-peers.ts";
import { createLogger } from "../../shared/logging.ts";
import { requestsDirectoryOf } from "../../shared/requests/requests-directory.ts";
import { listen } from "./listen.ts";
import { createLocalServer } from "./local/local-server.ts";
import { createLocalTelegram } from "./local/telegram/local-telegram.ts";
import { createPageServer } from "./server.ts";
import { pageAddress, readConsoleSettings } from "./settings.ts";
import { createStateReader } from "./state-reader.ts";

await runProcess(async (stopping) => {
  const settings = readConsoleSettings();
  const logger = createLogger("console", settings);
  const db = openDatabase(join(settings.STATE_DIR, "local-telegram.db"));
  const local = { token: LOCAL_BOT_TOKEN, latencyMs: settings.LOCAL_MODEL_LATENCY_MS };
  const access = { allowedHosts: settings.CONSOLE_ALLOWED_HOSTS, token: settings.CONSOLE_TOKEN || null };
  const telegram = createLocalTelegram({ db, clock: systemClock }, local);
  const { STATE_DIR: stateDir } = settings;
  const state = createStateReader(join(stateDir, "lastgood.db"));
  const dailyBudgetUsd = settings.DAILY_BUDGET_USD;
  const requestsDir = requestsDirectoryOf(settings);
  const ports = { telegram, state, stateDir, requestsDir, dailyBudgetUsd, clock: systemClock, logger };

  const localServer = await listen(createLocalServer(ports, local, stopping), {
    host: { setting: "LOCAL_HOST", value: settings.LOCAL_HOST },
    port: { setting: "LOCAL_PORT", value: settings.LOCAL_PORT },
  });
  const pageServer = await listen(createPageServer(ports, access, stopping), {
    host: { setting: "CONSOLE_HOST", value: settings.CONSOLE_HOST },
    port: { setting: "CONSOLE_PORT", value: settings.CONSOLE_PORT },
  });
  const page = pageAddress(settings, pageServer.port);
  logger.info({ page, local_port: localServer.port }, `the console is at ${page}`);

  if (!stopping.aborted) await once(stopping, "abort");
  await Promise.all([pageServer.close(), localServer.close()]);
  state.close();
  db.close();
  logger.info("stopped");
  return 0;
});
