import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { z } from "zod";
import type { Database } from "../../../shared/database.ts";
import { calling, completion } from "../model/fake-model.ts";
import type { ChatMessage, Model } from "../model/model.ts";
import type { Tool } from "../tools/tool.ts";
import { type TemporaryAgent, temporaryAgent } from "./temporary-agent.ts";

/** A worker that dies, or is stopped, between any two steps: the next attempt has the tables, and nothing else. */

let agent: TemporaryAgent;
beforeEach(() => {
  agent = temporaryAgent();
});
afterEach(() => agent.remove());

/** Has the time told, then answers; what it says follows from what it is shown. */
function createTimeTeller() {
  const shown: (readonly ChatMessage[])[] = [];
  const model: Model = {
    name: "teller",
    async complete({ messages }) {
      shown.push(messages);
      return messages.at(-1)?.role === "tool" ? completion("It is midnight.") : calling("current_time", {});
    },
  };
  return { model, shown };
}

const TRANSACTION = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/;

/** The same database for a process that is killed when it is about to write for the nth time. */
function dyingAt(db: Database, nth: number): Database {
  let writes = 0;
  const bound = <T extends object>(target: T, name: string | symbol) => {
    const value: unknown = Reflect.get(target, name);
    return typeof value === "function" ? value.bind(target) : value;
  };
  const prepare = (text: string) =>
    new Proxy(db.prepare(text), {
      get: (statement, name) => {
        if (name !== "run" || TRANSACTION.test(text)) return bound(statement, name);
        return (...given: unknown[]) => {
          writes += 1;
          if (writes >= nth) throw new Error("killed");
          return statement.run(...given);
        };
      },
    });
  return new Proxy(db, { get: (target, name) => (name === "prepare" ? prepare : bound(target, name)) });
}

const spoken = () => agent.history().filter(({ role }) => role !== "tool");

test("a worker killed at any write leaves what the next one answers from, once, and shows no model twice", async () => {
  const undisturbed = createTimeTeller();
  await agent.run(agent.ask("what time is it?"), { models: [undisturbed.model] });
  const asItShouldBe = undisturbed.shown.map((messages) => JSON.stringify(messages));
  let killed = 0;
  for (let nth = 1, died = true; died; nth += 1) {
    agent.remove();
    agent = temporaryAgent();
    const { model, shown } = createTimeTeller();
    const lost = agent.run(agent.ask("what time is it?"), { db: dyingAt(agent.db, nth), models: [model] });
    died = await lost.then(
      () => false,
      (error) => error.message === "killed",
    );
    if (!died) break;
    killed += 1;
    const task = agent.restart();
    await agent.run(task, { models: [model] });
    expect(agent.status(task)).toEqual({ status: "done", error: null });
    expect(spoken()).toEqual([
      { role: "user", text: "what time is it?" },
      { role: "assistant", text: "It is midnight." },
    ]);
    for (const messages of shown) expect(asItShouldBe).toContain(JSON.stringify(messages));
    const [first, again, ...more] = agent.sender.sent;
    expect([first?.text, more]).toEqual(["It is midnight.", []]);
    if (again) expect(agent.payloads(task, "reply.sent")).toMatchObject([{ uncertain: true }]);
    await agent.run(agent.ask("thanks"), { models: [model] });
    expect(
      shown
        .at(-2)
        ?.slice(1)
        .map(({ content }) => content),
    ).toEqual(["what time is it?", "It is midnight.", "thanks"]);
  }
  // context, turn, its completion and call, the call's start, row and end, turn, its completion with the reply, delivery
  expect(killed).toBeGreaterThanOrEqual(14);
});

const AWAITS = ["the first call of the model", "the tool", "the second call of the model"] as const;

test.each(AWAITS)("asked to stop in %s, the message is queued again, uncharged, and nothing is said", async (where) => {
  const stop = new AbortController();
  const here = (place: (typeof AWAITS)[number]) => {
    if (place !== where) return;
    stop.abort(new Error("stopped"));
    stop.signal.throwIfAborted();
  };
  const { model } = createTimeTeller();
  const stopped: Model = {
    name: "stopped",
    complete: async (request, signal) => {
      here(request.messages.at(-1)?.role === "tool" ? "the second call of the model" : "the first call of the model");
      return model.complete(request, signal);
    },
  };
  const clock: Tool = {
    name: "current_time",
    description: "",
    arguments: z.unknown(),
    run: async () => {
      here("the tool");
      return "midnight";
    },
  };
  const task = agent.ask("what time is it?");
  await agent.run(task, { models: [stopped], tools: [clock], signal: stop.signal });
  expect(agent.db.prepare("SELECT status, attempts, locked_by FROM inbox").get()).toEqual({
    status: "queued",
    attempts: 0,
    locked_by: null,
  });
  expect(spoken()).toEqual([]);
  expect(agent.sender.sent).toEqual([]);
  await agent.run(agent.claim(), { models: [model] });
  expect(agent.sender.sent).toEqual([{ chatId: 7, text: "It is midnight." }]);
});

test("a tool that pays no heed to the signal stops nothing from being given back", async () => {
  const stop = new AbortController();
  const deaf: Tool = {
    name: "current_time",
    description: "",
    arguments: z.unknown(),
    run: async () => {
      stop.abort(new Error("stopped"));
      return "midnight";
    },
  };
  const { model, shown } = createTimeTeller();
  const task = agent.ask("what time is it?");
  await agent.run(task, { models: [model], tools: [deaf], signal: stop.signal });
  expect(shown).toHaveLength(1);
  expect(agent.status(task)).toEqual({ status: "queued", error: null });
});
