import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents } from "../../shared/event-log.ts";
import { exampleLog, HOSTILE } from "./example-log.ts";
import { closeBrowser, type Visit, visit } from "./visit.ts";

let visited: Visit;
let log: ReturnType<typeof exampleLog>;
beforeEach(async () => {
  visited = await visit();
  log = exampleLog(visited.db);
});
afterEach(() => visited.end());
afterAll(closeBrowser);

const rowOf = (taskId: number) =>
  visited.db.prepare("SELECT status, error, text FROM inbox WHERE id = ?").get(taskId) as object;
const newest = () => lastEvents(visited.db, 1)[0];

test("what was given up is listed with its reason as soon as it is, and every text is text", async () => {
  await visited.page.goto(`${visited.address}/set-aside`);
  await visited.seen("Nothing has failed");
  const seen = visited.seen("its worker crashed");
  log.receive(HOSTILE, "set_aside", "its worker crashed while it ran alone");
  await seen;
  expect(await visited.page.locator(".what a").textContent()).toBe(HOSTILE);
  expect(await visited.page.title()).toBe("Set aside · Lastgood");
  expect(await visited.seriousProblems()).toEqual([]);
});

test("a retry queues the message again, with the keyboard alone", async () => {
  const task = log.receive("again, please", "failed", "429 quota");
  await visited.page.goto(`${visited.address}/set-aside`);
  await visited.page.getByRole("button", { name: `Retry message ${task}` }).focus();
  await visited.page.keyboard.press("Enter");
  await visited.page.getByText("It is queued again.").waitFor();
  expect(rowOf(task)).toEqual({ status: "queued", error: null, text: "again, please" });
  expect(newest()).toMatchObject({
    eventType: "message.retried",
    payload: { by: "operator", from: "console", task_id: task },
  });
});

test("a drop is asked back and carried out with the keyboard alone", async () => {
  const task = log.receive("never mind", "failed", "429 quota");
  await visited.page.goto(`${visited.address}/set-aside`);
  await visited.tabTo("Drop…");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByRole("heading", { name: `Drop message ${task}?` }).waitFor();
  await visited.page.getByText("never mind").waitFor();
  await visited.tabTo("Drop");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByText("It is dropped.").waitFor();
  expect(rowOf(task)).toEqual({ status: "ignored", error: "dropped", text: null });
});

test("a drop is asked back once, and then lets go of the message and its text", async () => {
  const task = log.receive("never mind", "failed", "429 quota");
  await visited.page.goto(`${visited.address}/set-aside`);
  await visited.page.getByRole("link", { name: `Drop message ${task}` }).click();
  await visited.page.getByRole("heading", { name: `Drop message ${task}?` }).waitFor();
  expect(rowOf(task)).toMatchObject({ status: "failed" });
  await visited.page.getByRole("button", { name: "Drop" }).click();
  await visited.page.getByText("It is dropped.").waitFor();
  expect(rowOf(task)).toEqual({ status: "ignored", error: "dropped", text: null });
  expect(newest()).toMatchObject({ eventType: "message.dropped", payload: { task_id: task } });
});

test("what somebody else has retried meanwhile is neither retried nor dropped", async () => {
  const task = log.receive("waits", "queued");
  for (const what of ["retry", "drop"]) {
    const answer = await fetch(`${visited.address}/messages/${task}/${what}`, { method: "POST", redirect: "manual" });
    expect(answer.headers.get("location")).toBe("/set-aside?done=refused");
  }
  expect(rowOf(task)).toMatchObject({ status: "queued" });
  expect(newest()?.eventType).toBe("process.started");
});
