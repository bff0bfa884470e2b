import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ulid } from "ulid";
import type { Chat } from "./chat.ts";
import { must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** What is no image reference, and what is no request at all, by every way in: each is refused, and nobody dies of it. */

let system: System;
let chat: Chat;
let page: string;
beforeAll(async () => {
  system = await startSystem("hostile-words");
  chat = await system.openChat();
  page = `http://${await system.compose("port", "console", "8080")}`;
  await system.eventOf("revision.promoted");
});
afterAll(() => system?.stop());

const NO_REFERENCES = [
  "registry.example//me/agent:v2",
  "a/",
  "a/../b",
  "lastgood-worker:dev/",
  "",
  "a".repeat(600),
  "рабочий:образ",
  "worker:v2\u202e",
];
const SAYS_WHY = "It must be an image reference such as lastgood-worker:v2.";

/** In the console's container: its user may put a file there, and nothing more. */
const inConsole = (script: string, ...args: string[]) =>
  must("docker", ["exec", system.console, "sh", "-ec", script, "sh", ...args]);

/** The supervisor and the worker are those that were there before, and a message is answered. */
async function nobodyDied(work: () => Promise<void>): Promise<void> {
  const identity = () =>
    must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.supervisor, system.worker]);
  const before = await identity();
  await work();
  await chat.isAnswered(`still here ${ulid()}`);
  expect(await identity()).toBe(before);
}

test("the chat says what it must be, for a deploy and for a rollback", () =>
  nobodyDied(async () => {
    const before = await system.newestEventId();
    for (const text of NO_REFERENCES.filter((reference) => reference !== "")) {
      await chat.say(`/deploy ${text}`);
      await chat.say(`/rollback ${text}`);
    }
    await chat.say("/deploy");
    await chat.isAnswered("after all of them");
    const refusals = (await chat.messages()).filter(({ text }) => text.endsWith(SAYS_WHY));
    expect(refusals).toHaveLength(2 * (NO_REFERENCES.length - 1) + 1);
    expect((await system.eventsSince(before)).filter(({ event_type }) => event_type.endsWith(".requested"))).toEqual(
      [],
    );
  }));

test("the command says it in either container, and the console's form does", () =>
  nobodyDied(async () => {
    for (const text of NO_REFERENCES) {
      for (const container of [system.console, system.supervisor]) {
        for (const command of ["deploy", "rollback"]) {
          const { exitCode, stderr } = await run("docker", ["exec", container, "lastgood", command, text]);
          expect([command, text, exitCode, stderr]).toEqual([command, text, 2, expect.stringContaining(SAYS_WHY)]);
        }
      }
      const body = new URLSearchParams({ wish: "deploy", revision: text });
      const refused = await fetch(`${page}/requests`, { method: "POST", body });
      expect([text, refused.status, await refused.text()]).toEqual([text, 400, expect.stringContaining(SAYS_WHY)]);
    }
  }));

test("a file that asks for it is answered with what is wrong, and removed", () =>
  nobodyDied(async () => {
    for (const revision of NO_REFERENCES) {
      const payload = { by: "somebody", from: "cli", revision };
      for (const type of ["deploy.requested", "rollback.requested"]) {
        expect(await answerTo(JSON.stringify({ type, payload }))).toContain("wrong: payload.revision");
      }
    }
  }));

/** Puts a text where requests lie, as whoever writes such a file by hand; resolves with the answer's text. */
function answerTo(text: string): Promise<string> {
  const id = ulid();
  return inConsole(
    `cd /requests/in; printf %s "$1" > .$2; mv .$2 $2.json
     until test -e /requests/answers/$2.json; do sleep 0.1; done; cat /requests/answers/$2.json`,
    text,
    id,
  );
}

test.each([
  ["a FIFO", "mkfifo $1.json"],
  ["a directory with something in it", "mkdir .$1; touch .$1/x; mv .$1 $1.json"],
  ["a link to what the supervisor alone may read", "ln -s /own/journal.db $1.json"],
  ["a link to nothing", "ln -s /nowhere $1.json"],
  ["a megabyte", "head -c 1000000 /dev/zero > .$1; mv .$1 $1.json"],
  ["garbage", "head -c 3000 /dev/urandom > .$1; mv .$1 $1.json"],
  ["a file that nobody else may read", "umask 077; echo '{}' > .$1; mv .$1 $1.json"],
  ["what belongs to another place", 'echo \'{"type":"stop.requested","payload":{"by":"x","from":"chat"}}\' > $1.json'],
])("%s in the place of a request is refused with a reason, and what comes after it is taken", async (_, put) => {
  await nobodyDied(async () => {
    const id = ulid();
    await inConsole(`cd /requests/in; ${put}; until test -e /requests/answers/$1.json; do sleep 0.1; done`, id);
    const answer = JSON.parse(await inConsole("cat /requests/answers/$1.json", id));
    expect(answer).toMatchObject({ decided: true, problem: expect.stringMatching(/./) });
    const left = await must("docker", ["exec", system.supervisor, "sh", "-c", "ls /requests/in"]);
    expect(left).not.toContain(id);
    expect(await run("docker", ["exec", system.console, "lastgood", "unhold"])).toMatchObject({ exitCode: 0 });
  });
});

test("rows that ask for it, written into the shared file by a worker, are rejected one by one", () =>
  nobodyDied(async () => {
    const before = await system.newestEventId();
    const forged = NO_REFERENCES.filter((text) => !text.includes("\u202e")); // which goes when a row is read
    const insert = `
      const db = new (require("better-sqlite3"))("/state/lastgood.db");
      const row = db.prepare("INSERT INTO events (parent_id, event_type, payload) VALUES (NULL, ?, ?)");
      for (const revision of JSON.parse(process.argv[1]))
        for (const type of ["deploy.requested", "rollback.requested"])
          row.run(type, JSON.stringify({ by: "1", from: "cli", revision }));`;
    await must("docker", ["exec", system.worker, "node", "-e", insert, JSON.stringify(forged)]);
    const reasons: unknown[] = [];
    await system.nextEvent(before, ({ event_type, payload }) => {
      if (/^(deploy|rollback)\.rejected$/.test(event_type)) reasons.push(payload.reason);
      return reasons.length === 2 * forged.length;
    });
    expect(reasons).toEqual(reasons.map(() => expect.stringContaining(SAYS_WHY)));
  }));
