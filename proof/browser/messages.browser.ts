import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { exampleLog, HOSTILE } from "./example-log.ts";
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

test("messages are listed with what became of them, and the list goes on to older ones", async () => {
  for (let number = 1; number <= 40; number++) log.receive(`message ${number}`, "done");
  const failed = log.receive("a bad one");
  log.fail(failed, log.begin(failed, worker).attempt, "429 quota");
  await visited.page.goto(`${visited.address}/messages`);
  expect(await visited.page.locator("tbody tr").first().innerText()).toMatch(/a bad one[\s\S]*failed/);
  expect(await visited.seriousProblems()).toEqual([]);
  await visited.page.getByRole("link", { name: "Older" }).click();
  await visited.page.getByRole("link", { name: "message 1", exact: true }).waitFor();
  await visited.page.getByRole("link", { name: "failed 1" }).click();
  await visited.page.waitForURL(/outcome=failed/);
  expect(await visited.page.locator("tbody tr").count()).toBe(1);
});

test("there is a filter for every outcome, and an empty one says so", async () => {
  const outcomes = [
    ["waiting", "queued", null],
    ["answered", "done", null],
    ["failed", "failed", "429 quota"],
    ["set aside", "set_aside", "its worker crashed"],
    ["ignored", "ignored", "too old"],
    ["dropped", "ignored", "dropped"],
  ] as const;
  await visited.page.goto(`${visited.address}/messages`);
  for (const [outcome] of outcomes) {
    await visited.page.getByLabel("Outcome").getByRole("link", { name: outcome }).click();
    expect(await visited.page.locator(".nothing").isVisible()).toBe(true);
  }
  for (const [outcome, status, error] of outcomes) log.receive(`one that is ${outcome}`, status, error);
  for (const [outcome] of outcomes) {
    await visited.page.getByLabel("Outcome").getByRole("link", { name: outcome }).click();
    await visited.page.getByRole("link", { name: `one that is ${outcome}` }).waitFor();
    expect(await visited.page.locator("tbody tr").count()).toBe(1);
  }
});

test("an opened message tells its story while it happens", async () => {
  const task = log.receive("What is the time?");
  await visited.page.goto(`${visited.address}/messages/${task}`);
  await visited.seen("No attempt was made yet");
  const thinking = visited.seen("goes on");
  const { attempt } = log.begin(task, worker);
  await thinking;
  const answered = visited.seen("It is noon.");
  log.complete(task, attempt, "It is noon.");
  await answered;
  const main = await visited.page.getByRole("main").innerText();
  for (const text of ["answered", "4,321 in, 56 out", "$0.0123", "part 1 of 1"]) expect(main).toContain(text);
  expect(await visited.seriousProblems()).toEqual([]);
});

test("what went wrong comes before everything else", async () => {
  const task = log.receive("Do it");
  log.fail(task, log.begin(task, worker).attempt, "429 insufficient quota");
  await visited.page.goto(`${visited.address}/messages/${task}`);
  const main = await visited.page.getByRole("main").innerText();
  expect(main.indexOf("429 insufficient quota")).toBeLessThan(main.indexOf("Transcript"));
});

test("a megabyte of markup, right-to-left letters and emoji is text, cut in the page and whole beside it", async () => {
  const huge = `${HOSTILE}${"😀".repeat(262_144)}`;
  const task = log.receive(HOSTILE);
  log.complete(task, log.begin(task, worker).attempt, huge);
  await visited.page.goto(`${visited.address}/messages/${task}`);
  expect(await visited.page.locator(".user .said").textContent()).toBe(HOSTILE);
  expect(await visited.page.title()).toBe(`Message ${task} · Lastgood`);
  expect(await visited.page.locator("main img, main script").count()).toBe(0);
  const overflow = "document.documentElement.scrollWidth - innerWidth";
  await visited.page.setViewportSize({ width: 390, height: 800 });
  expect(await visited.page.evaluate(overflow)).toBe(0);
  const address = await visited.page.getByRole("link", { name: /^All [\d,]+ characters/ }).getAttribute("href");
  const whole = await fetch(`${visited.address}${address}`);
  expect(whole.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(await whole.text()).toBe(huge);
  await visited.page.goto(`${visited.address}/messages`);
  expect(await visited.page.locator(".what a").first().textContent()).toBe(HOSTILE.slice(0, 160));
  expect(await visited.page.title()).toBe("Messages · Lastgood");
});
