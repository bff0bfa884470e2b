import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { temporaryConsole } from "../../services/console/temporary-console.ts";
import type { Database } from "../../shared/database.ts";
import { temporaryDatabase } from "../../shared/temporary-database.ts";
import { launchBrowser } from "./launch.ts";

export interface Visit {
  /** A connection of another's, as the supervisor and the worker have. */
  readonly db: Database;
  readonly stateDir: string;
  readonly page: Page;
  readonly address: string;
  /** What a person who needs help to see or to point would stumble over. */
  seriousProblems(): Promise<string[]>;
  /** Resolves with the moment, in Unix milliseconds, at which a text is on the page. Ask before it can be. */
  seen(text: string): Promise<number>;
  /** Presses Tab until what is in focus, or its label, has this text. Rejects when the keyboard does not get there. */
  tabTo(text: string): Promise<void>;
  /** Ends the server as a crash of the console does; `resume` brings it back at the same address. */
  cut(): Promise<void>;
  resume(): Promise<void>;
  /** Ends everything that the visit began, however the test went; then throws if the page's console complained. */
  end(): Promise<void>;
}

/** More than any page of a test has stops. */
const MOST_TABS = 60;

let browser: Browser | null = null;

/** For tests: a console over a database of its own, and a browser that looks at it. */
export async function visit(): Promise<Visit> {
  browser ??= await launchBrowser();
  await using begun = new AsyncDisposableStack();
  const temporary = temporaryDatabase();
  begun.defer(() => temporary.remove());
  let local = temporaryConsole({ directory: temporary.directory });
  begun.defer(() => local.remove({ keep: true }));
  const address = await local.serve(local.page);
  const context = await browser.newContext();
  begun.defer(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("net::ERR_")) complaints.push(message.text());
  });
  const all = begun.move();
  return {
    db: temporary.db,
    stateDir: temporary.directory,
    page,
    address,
    async seriousProblems() {
      await page.evaluate(axe.source);
      const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
      return found.violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    },
    seen: (text) =>
      page.evaluate(`new Promise((resolve) => {
      const look = () => document.body.innerText.includes(${JSON.stringify(text)}) && resolve(Date.now());
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
      look();
    })`),
    async tabTo(text) {
      const inFocus = "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()";
      for (let tabs = 0; tabs < MOST_TABS; tabs++) {
        await page.keyboard.press("Tab");
        const reached = String(await page.evaluate(inFocus)).replace(/\s+/g, " ");
        if (reached === text || reached.endsWith(` ${text}`)) return;
      }
      throw new Error(`The keyboard does not reach "${text}".`);
    },
    cut: () => local.remove({ keep: true }),
    async resume() {
      local = temporaryConsole({ directory: temporary.directory });
      await local.serve(local.page, Number(new URL(address).port));
    },
    async end() {
      await all.disposeAsync();
      if (complaints.length > 0) throw new Error(`The page's console complained: ${complaints.join("; ")}`);
    },
  };
}

export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = null;
}
