import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { type TemporaryConsole, temporaryConsole } from "../../services/console/temporary-console.ts";
import type { Database } from "../../shared/database.ts";
import { createFakeSupervisor } from "../../shared/requests/fake-supervisor.ts";
import { temporaryDatabase } from "../../shared/temporary-database.ts";
import { launchBrowser } from "./launch.ts";

export interface Visit {
  /** A connection of another's, as the supervisor and the worker have. */
  readonly db: Database;
  readonly stateDir: string;
  readonly page: Page;
  readonly address: string;
  /** What the agent does in the chats: a call of the local Bot API. */
  readonly bot: TemporaryConsole["call"];
  /** What a person who needs help to see or to point would stumble over, in the dark or in the light, or on a phone. */
  seriousProblems(): Promise<string[]>;
  /** Resolves with the moment, in Unix milliseconds, at which a text is on the page. Ask before it can be. */
  seen(text: string): Promise<number>;
  /** Presses Tab until what is in focus, or its label, has this text. Rejects when the keyboard does not get there. */
  tabTo(text: string): Promise<void>;
  /** Ends the server as a crash of the console does; `resume` brings it back at the same address. */
  cut(): Promise<void>;
  resume(): Promise<void>;
  /** From now on an answer with this status is no complaint. */
  forgive(status: string): void;
  /** Ends everything that the visit began, however the test went; then throws if the page's console complained. */
  end(): Promise<void>;
}

/** Wider than the screen, or too small for a finger (24 px, but for links within a text). */
const CRAMPED = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ["wider than the screen"] : []),
  ...[...document.querySelectorAll("a, button, input:not([type=hidden], [type=radio]), select, summary, label:has(input)")]
    .filter((control) => control.checkVisibility() && getComputedStyle(control).display !== "inline")
    .filter((control) => Math.min(control.offsetWidth, control.offsetHeight) < 24)
    .map((control) => "too small: " + control.outerHTML),
]`;
/** More than any page of a test has stops. */
const MOST_TABS = 60;

let browser: Browser | null = null;

/** For tests: a console over a database of its own, one who takes what it asks for, and a browser that looks at it. */
export async function visit(options: { token?: string } = {}): Promise<Visit> {
  browser ??= await launchBrowser();
  await using begun = new AsyncDisposableStack();
  const temporary = temporaryDatabase();
  begun.defer(() => temporary.remove());
  const open = () => temporaryConsole({ directory: temporary.directory, ...options });
  let local = open();
  begun.defer(() => local.remove({ keep: true }));
  const supervisor = createFakeSupervisor(local.requestsDir, temporary.connect());
  supervisor.run();
  begun.defer(() => supervisor.stop());
  const address = await local.serve(local.page);
  const context = await browser.newContext();
  begun.defer(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const forgiven = ["net::ERR_"];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isForgiven = forgiven.some((words) => message.text().includes(words));
    if (message.type() === "error" && !isForgiven) complaints.push(message.text());
  });
  const all = begun.move();
  return {
    db: temporary.db,
    stateDir: temporary.directory,
    page,
    address,
    bot: (...call) => local.call(...call),
    async seriousProblems() {
      const problems = (await page.evaluate(CRAMPED)) as string[];
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(axe.source);
        const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
        const serious = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        problems.push(...serious.map(({ id, nodes }) => `${id}, ${colorScheme}: ${nodes.map(({ html }) => html)}`));
      }
      return problems;
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
      local = open();
      await local.serve(local.page, Number(new URL(address).port));
    },
    forgive: (status) => void forgiven.push(`the server responded with a status of ${status}`),
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
