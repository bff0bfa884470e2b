import { consoleSettings } from "../services/console/settings.ts";
import { supervisorSettings } from "../services/supervisor/settings.ts";
import { workerSettings } from "../services/worker/settings.ts";
import type { Settings } from "../shared/config.ts";

/** What the processes tell each other, or compose tells them: nobody else's to set. */
const NOT_FOR_OPERATORS = new Set([
  "PARENT_PROCESS_ID",
  "WORKER_INSTANCE",
  "WORKER_RUNTIME",
  "WORKER_IMAGE",
  "STATE_DIR",
  "REQUESTS_DIR",
  "OWN_DIR",
  "DOCKER_SOCKET",
  "DOCKER_LOGINS",
  "LOCAL_PEERS_URL",
  "LOCAL_HOST",
  "LOCAL_PORT",
  "CONSOLE_HOST",
]);

/** The README's tables of settings, made from the settings themselves: `node proof/settings-table.ts` prints them. */
export function settingsTables(): string {
  return [
    table("The agent", workerSettings),
    table("The supervisor", without(supervisorSettings, workerSettings)),
    table("The console", without(consoleSettings, workerSettings)),
  ].join("\n\n");
}

function table(title: string, settings: Settings): string {
  const rows = Object.entries(settings)
    .filter(([name]) => !NOT_FOR_OPERATORS.has(name))
    .map(([name, { about, default: value }]) => `| \`${name}\` | ${value ? `\`${value}\`` : ""} | ${about} |`);
  return [`**${title}**`, "", "| setting | default | |", "|---|---|---|", ...rows].join("\n");
}

function without(settings: Settings, others: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in others)));
}

if (import.meta.main) process.stdout.write(`${settingsTables()}\n`);
