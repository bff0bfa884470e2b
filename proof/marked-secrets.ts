import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Of each secret every stretch is marked, so that a half of one is found as well. */
function marked(name: string): string {
  return Array.from({ length: 6 }, (_, index) => `${name}Zq${index}Xw`).join("");
}

const MARK = /(tg|oa|op|pw|co|wh)Zq\dXw/;

/** Secrets as an operator has them: some of a known shape, some known by the names of their variables alone. */
export const MARKED_SECRETS = {
  TELEGRAM_BOT_TOKEN: `4242424242:${marked("tg")}`,
  OPENAI_API_KEY: `sk-proj-${marked("oa")}`,
  AGENT_WEATHER_API_KEY: marked("op"),
  AGENT_MAIL_PASSWORD: `"pass' word/${marked("pw")}`,
  CONSOLE_TOKEN: marked("co"),
  ALERT_WEBHOOK_URL: `http://127.0.0.1:9/hooks/${marked("wh")}`,
} as const;

/** What stands around the first marked stretch of a text; null when there is none. */
export function markIn(text: string): string | null {
  const at = text.search(MARK);
  return at === -1 ? null : text.slice(Math.max(at - 120, 0), at + 20);
}

/** The files below a directory that hold a marked stretch, each with what stands around the first one. */
export function markedFiles(directory: string, except: (path: string) => boolean = () => false): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !except(path))
    .flatMap((path) => {
      const found = markIn(readFileSync(path, "latin1"));
      return found === null ? [] : [`${path}: …${found}`];
    });
}
