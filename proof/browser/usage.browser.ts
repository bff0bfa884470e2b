import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { exampleLog } from "./example-log.ts";
import { closeBrowser, type Visit, visit } from "./visit.ts";

let visited: Visit;
let log: ReturnType<typeof exampleLog>;
let worker: number;
beforeEach(async () => {
  visited = await visit();
  log = exampleLog(visited.db);
  worker = log.worker("a", "1.1");
});
afterEach(() => visited.end());
afterAll(closeBrowser);

const answer = () => {
  const task = log.receive("hello");
  log.complete(task, log.begin(task, worker).attempt, "Hello!");
};

test("what the model did is drawn, and told in tables, as soon as it was done", async () => {
  const failed = log.receive("no");
  log.fail(failed, log.begin(failed, worker).attempt, "429 quota");
  answer();
  await visited.page.goto(`${visited.address}/usage`);
  await visited.seen("$0.0123");
  expect(await visited.page.locator(".plot canvas").count()).toBe(3);
  expect(await visited.page.getByText("budget $2.50", { exact: true }).count()).toBe(1);
  const main = await visited.page.getByRole("main").innerText();
  for (const text of [
    "gpt-5-mini",
    "1, 1 failed",
    "4,321 in, 56 out",
    "p50 1.2 s",
    "quota",
    "$0.0123 of $2.50 budget",
  ]) {
    expect(main).toContain(text);
  }
  expect(await visited.seriousProblems()).toEqual([]);
  const more = visited.seen("$0.0246");
  answer();
  await more;
  expect(await visited.page.locator(".plot canvas").count()).toBe(3);
});

test("another time is chosen with the keyboard, and nothing is cut off on a phone", async () => {
  await visited.page.setViewportSize({ width: 390, height: 800 });
  answer();
  await visited.page.goto(`${visited.address}/usage`);
  await visited.page.getByRole("link", { name: "365 days" }).focus();
  await visited.page.keyboard.press("Enter");
  await visited.page.waitForURL(/days=365/);
  await visited.page.locator(".plot canvas").first().waitFor();
  expect(await visited.page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
});
