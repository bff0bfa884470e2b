import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents, logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { exampleLog, HOSTILE } from "./example-log.ts";
import { closeBrowser, type Visit, visit } from "./visit.ts";

let visited: Visit;
let log: ReturnType<typeof exampleLog>;
beforeEach(async () => {
  visited = await visit();
  log = exampleLog(visited.db);
  log.deploy("a");
  log.worker("a", "1.1");
  log.promote("a");
});
afterEach(() => visited.end());
afterAll(closeBrowser);

const CHOSEN = '[...document.querySelectorAll("input[name=image]:checked")].map(({ value }) => value)';
const newest = () => lastEvents(visited.db, 1)[0];

test("a revision that failed is shown with the evidence, which stays unfolded while the page renews itself", async () => {
  log.deploy("b");
  log.exit("b", "1.2", ["starting", HOSTILE]);
  const reason = "it crashed before it was ready";
  logEvent(visited.db, log.supervisor, EventType.DeployFailed, { ...log.named("b"), request_id: null, reason });
  logEvent(visited.db, log.supervisor, EventType.RevisionQuarantined, { ...log.named("b"), reason });
  await visited.page.goto(`${visited.address}/revisions`);
  const lines = visited.page.getByLabel("The worker's last lines");
  await visited.page.getByText("Its worker ended: crash, code 1").click();
  expect(await lines.textContent()).toBe(`starting\n${HOSTILE}`);
  const renewed = visited.seen("worker:c");
  log.deploy("c");
  await renewed;
  expect(await lines.isVisible()).toBe(true);
  expect(await visited.seriousProblems()).toEqual([]);
});

test("a deploy is asked back once, then asked for, and followed to its outcome", async () => {
  await visited.page.goto(`${visited.address}/revisions`);
  await visited.page.getByLabel("Image to deploy").fill("not an image!");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByText("It must be an image reference such as lastgood-worker:v2.").waitFor();
  await visited.page.getByLabel("Image to deploy").fill("worker:b");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByRole("heading", { name: "Deploy worker:b?" }).waitFor();
  expect(await visited.seriousProblems()).toEqual([]);
  expect(newest()?.eventType).toBe("revision.promoted");
  await visited.page.getByRole("button", { name: "Deploy" }).click();
  await visited.page.getByText("the supervisor has not answered yet").waitFor();
  const request = newest();
  expect(request).toMatchObject({
    eventType: "deploy.requested",
    payload: { by: "operator", from: "console", revision: "worker:b" },
  });
  const rejected = visited.seen("the deploy was rejected: no such image");
  logEvent(visited.db, log.supervisor, EventType.DeployRejected, {
    request_id: request?.id ?? 0,
    revision: "worker:b",
    reason: "no such image",
  });
  await rejected;
});

test("a rollback asks to which of the good revisions, and is chosen and asked for with the keyboard alone", async () => {
  for (const tag of ["b", "c"]) {
    log.deploy(tag);
    log.promote(tag);
  }
  await visited.page.goto(`${visited.address}/revisions`);
  await visited.tabTo("Roll back…");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByRole("heading", { name: "Roll back?" }).waitFor();
  expect(await visited.page.getByRole("radio").count()).toBe(2);
  expect(await visited.seriousProblems()).toEqual([]);
  await visited.tabTo("the previous one");
  await visited.page.keyboard.press("ArrowDown");
  await visited.tabTo("Roll back");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByText("the supervisor has not answered yet").waitFor();
  expect(newest()).toMatchObject({ eventType: "rollback.requested", payload: log.named("a") });
});

test("while a rollback is asked back what is chosen stays, and when it is gone nothing is chosen in its place", async () => {
  const radio = (tag: string) => visited.page.getByRole("radio", { name: `worker:${tag}` });
  const chosen = () => visited.page.evaluate(CHOSEN);
  const isInFocus = (tag: string) => radio(tag).evaluate((element) => element.matches(":focus"));
  const quarantine = (tag: string) =>
    logEvent(visited.db, log.supervisor, EventType.RevisionQuarantined, { ...log.named(tag), reason: "it crashed" });
  const image = (tag: string) => log.named(tag).image_id;
  for (const tag of ["b", "c"]) {
    log.deploy(tag);
    log.promote(tag);
  }
  await visited.page.goto(`${visited.address}/revisions/ask?wish=rollback`);
  expect(await chosen()).toEqual([image("b")]);
  log.deploy("d");
  await radio("c").waitFor();
  expect(await chosen()).toEqual([image("b")]);
  await radio("b").focus();
  await visited.page.keyboard.press("ArrowDown");
  quarantine("c");
  await radio("c").waitFor({ state: "detached" });
  expect([await chosen(), await isInFocus("a")]).toEqual([[image("a")], true]);
  quarantine("a");
  await radio("a").waitFor({ state: "detached" });
  expect(await chosen()).toEqual([]);
  const { id } = newest() ?? {};
  await visited.page.getByRole("button", { name: "Roll back" }).click();
  expect([await isInFocus("b"), newest()?.id]).toEqual([true, id]); // the browser asks for a choice
  await visited.page.keyboard.press("Space");
  await visited.page.keyboard.press("Enter");
  await visited.page.waitForURL(/request=/);
  expect(newest()).toMatchObject({ eventType: "rollback.requested", payload: log.named("b") });
});

test("stop and start, hold and its end, and a rollback are asked for, each by its own button", async () => {
  const wishes = [
    ["Stop…", "Stop", "stop.requested"],
    ["Start…", "Start", "start.requested"],
    ["Hold…", "Hold", "hold.requested"],
    ["End the hold…", "End the hold", "unhold.requested"],
    ["Roll back…", "Roll back", "rollback.requested"],
  ] as const;
  await visited.page.goto(`${visited.address}/revisions`);
  for (const [link, button, eventType] of wishes) {
    await visited.page.getByRole("link", { name: link }).click();
    await visited.page.getByRole("button", { name: button }).click();
    await visited.page.waitForURL(/request=/);
    expect(newest()).toMatchObject({ eventType, payload: { by: "operator", from: "console" } });
  }
});
