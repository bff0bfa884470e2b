import { afterAll, afterEach, expect, test } from "@jest/globals";
import { exampleLog, HOSTILE } from "./example-log.ts";
import { closeBrowser, type Visit, visit } from "./visit.ts";

let visited: Visit;
afterEach(() => visited.end());
afterAll(closeBrowser);

const PHONE = { width: 390, height: 844 };
const SCREEN = { width: 1280, height: 900 };

async function expectWellKept(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await visited.page.goto(`${visited.address}${path}`);
    for (const size of [SCREEN, PHONE]) {
      await visited.page.setViewportSize(size);
      expect([path, size.width, await visited.seriousProblems()]).toEqual([path, size.width, []]);
    }
  }
}

test("every page is readable and reachable, in both themes, on a screen and on a phone", async () => {
  visited = await visit();
  const log = exampleLog(visited.db);
  log.deploy("a");
  const worker = log.worker("a", "1.1");
  log.promote("a");
  log.deploy("b");
  log.exit("b", "1.2", ["starting", HOSTILE]);
  const answered = log.receive(`${HOSTILE} ${"Donaudampfschifffahrtsgesellschaft".repeat(20)}`);
  log.complete(answered, log.begin(answered, worker).attempt, "An answer.");
  const failed = log.receive("no");
  log.fail(failed, log.begin(failed, worker).attempt, "429 quota");
  log.receive("its worker crashed", "set_aside", "its worker crashed while it ran alone");
  log.begin(log.receive("hello"), worker);
  await expectWellKept([
    "/",
    "/revisions",
    "/revisions/ask?wish=rollback",
    "/revisions/ask?wish=deploy&revision=worker:c",
    "/revisions/ask?wish=deploy&revision=--",
    "/messages",
    `/messages/${answered}`,
    `/messages/${failed}`,
    "/usage",
    "/set-aside",
    `/set-aside/${failed}/drop`,
    "/chat",
  ]);
});

test("what is empty yet says so as readably, and what to do", async () => {
  visited = await visit();
  await expectWellKept(["/", "/revisions", "/messages", "/messages?outcome=dropped", "/usage", "/set-aside", "/chat"]);
});

test("a visitor without the token is shown in with the keyboard alone", async () => {
  visited = await visit({ token: "open sesame" });
  const signIn = async (token: string) => {
    await visited.page.keyboard.type(token);
    await visited.page.keyboard.press("Enter");
  };
  visited.forgive("401");
  await expectWellKept(["/messages"]);
  await signIn("guess");
  await visited.page.getByText("That is not the token.").waitFor();
  expect(await visited.seriousProblems()).toEqual([]);
  await signIn("open sesame");
  await visited.page.getByRole("heading", { name: "Now" }).waitFor();
});

test("an address where nothing is leads on", async () => {
  visited = await visit();
  visited.forgive("404");
  await expectWellKept(["/nowhere", "/messages/77", "/set-aside/77/drop"]);
  await visited.tabTo("What runs now");
  await visited.page.keyboard.press("Enter");
  await visited.page.getByRole("heading", { name: "Now" }).waitFor();
});
