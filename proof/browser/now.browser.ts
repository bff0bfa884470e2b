import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { HEARTBEAT_FILE } from "../../shared/files.ts";
import { exampleLog } from "./example-log.ts";
import { closeBrowser, type Visit, visit } from "./visit.ts";

let visited: Visit;
let log: ReturnType<typeof exampleLog>;
beforeEach(async () => {
  visited = await visit();
  log = exampleLog(visited.db);
});
afterEach(() => visited.end());
afterAll(closeBrowser);

const WITHIN_MS = 200;
const LOOKS = 15;

test("what runs, what waits and what is in hand is there, for everybody to read", async () => {
  log.deploy("a");
  const worker = log.worker("a", "1.1");
  log.promote("a");
  log.begin(log.receive("hello"), worker);
  log.receive("and another");
  await visited.page.goto(visited.address);
  const main = visited.page.getByRole("main");
  for (const text of ["worker:a", "last good", "Instance 1.1", "2 waiting", "waiting for the model", "turn.started"]) {
    expect(await main.getByText(text).first().isVisible()).toBe(true);
  }
  expect(await visited.seriousProblems()).toEqual([]);
});

test("an event is on the page within 200 ms, and so is a message that is none", async () => {
  await visited.page.goto(visited.address);
  await visited.seen("process.started");
  const taken: number[] = [];
  for (let look = 1; look <= LOOKS; look++) {
    const seen = visited.seen(`worker:${look} `);
    const written = Date.now();
    log.deploy(`${look}`);
    taken.push((await seen) - written);
  }
  taken.sort((one, other) => one - other);
  expect(taken[Math.floor(LOOKS / 2)]).toBeLessThan(WITHIN_MS);
  const seen = visited.seen("1 waiting");
  log.receive("hello");
  await seen;
});

test("after the console was away the page says so, comes back by itself, and has missed nothing", async () => {
  await visited.page.goto(visited.address);
  await visited.seen("process.started");
  const lost = visited.seen("The console cannot be reached");
  await visited.cut();
  await lost;
  log.deploy("meanwhile");
  const back = visited.seen("worker:meanwhile");
  await visited.resume();
  await back;
  await visited.page.getByText("The console cannot be reached").waitFor({ state: "hidden" });
});

test("the pages are reached with the keyboard alone, and what is in focus stays when the page renews itself", async () => {
  log.receive("bad", "failed");
  await visited.page.goto(visited.address);
  await visited.page.keyboard.press("Tab");
  expect(await visited.page.evaluate("document.activeElement.textContent")).toBe("To the content");
  for (const name of ["Now", "Revisions", "Messages", "Usage", "Set aside", "Chat", "1 failed, 0 set aside"]) {
    await visited.page.keyboard.press("Tab");
    expect(await visited.page.evaluate("document.activeElement.textContent")).toBe(name);
  }
  const renewed = visited.seen("2 failed, 0 set aside");
  log.receive("worse", "failed");
  await renewed;
  expect(await visited.page.evaluate("document.activeElement.textContent")).toBe("2 failed, 0 set aside");
});

test("a heartbeat that moves is seen to move, though nothing is written to the log", async () => {
  log.worker("a", "1.1");
  const file = join(visited.stateDir, HEARTBEAT_FILE);
  writeFileSync(file, "");
  const aMinuteAgo = Date.now() / 1000 - 90;
  utimesSync(file, aMinuteAgo, aMinuteAgo);
  await visited.page.goto(visited.address);
  await visited.seen("Heartbeat 1 min ago");
  expect(await visited.page.locator(".bad-text", { hasText: "Heartbeat" }).count()).toBe(1);
  const moves = visited.page.locator(".quiet", { hasText: "Heartbeat" }).waitFor();
  writeFileSync(file, "");
  await moves;
});
