import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { z } from "zod";
import type { Reservation, Spending } from "../control/spending.ts";
import { calling, completion, refusal } from "../model/fake-model.ts";
import type { Model } from "../model/model.ts";
import type { Tool } from "../tools/tool.ts";
import { SETTINGS, type TemporaryAgent, temporaryAgent } from "./temporary-agent.ts";

let agent: TemporaryAgent;
beforeEach(() => {
  agent = temporaryAgent();
});
afterEach(() => agent.remove());

/** A slow answer is written into its draft. */
const lastSent = () => (agent.sender.edited.at(-1) ?? agent.sender.sent.at(-1))?.text;
const limited = (limits: Partial<typeof SETTINGS.limits>) => ({
  settings: { ...SETTINGS, limits: { ...SETTINGS.limits, ...limits } },
});

test("after the last turn that is allowed, the person is told, and what was asked for is not done", async () => {
  agent.model.answerWith(calling("current_time", {}), calling("current_time", {}));
  const task = agent.ask("hello");
  await agent.run(task, limited({ maxTurns: 2 }));
  expect(agent.payloads(task, "tool_call.started")).toHaveLength(1);
  expect(agent.payloads(task, "control.limit_reached")).toEqual([{ limit: "turns", allowed: 2, used: 2 }]);
  expect(agent.status(task)).toEqual({ status: "failed", error: "turns_exhausted" });
  expect(lastSent()).toBe(`I could not answer: it took more steps than one message may. (Reference ${task.agentId})`);
});

test("what the model said until a limit is sent, with the reason why there is no more", async () => {
  agent.model.answerWith(calling("current_time", {}, "First, the time."), calling("current_time", {}, "And again."));
  const task = agent.ask("hello");
  await agent.run(task, limited({ maxTurns: 2 }));
  const sent = `First, the time.\n\nAnd again.\n\n(It ends here: it took more steps than one message may. Reference ${task.agentId})`;
  expect(lastSent()).toBe(sent);
  expect(agent.status(task)).toEqual({ status: "done", error: null });
  expect(agent.history().slice(-2)).toEqual([
    { role: "user", text: "hello" },
    { role: "assistant", text: sent },
  ]);
});

test("when the time is up the call in hand is aborted, and what it had written is sent", async () => {
  const asked = Promise.withResolvers<void>();
  const slow: Model = {
    name: "slow",
    complete: ({ onText }, signal) =>
      new Promise((_, reject) => {
        onText("Once upon a time");
        signal.addEventListener("abort", () => reject(signal.reason));
        asked.resolve();
      }),
  };
  const task = agent.ask("tell me a story");
  const run = agent.run(task, { models: [slow], ...limited({ maxWallSeconds: 5 }) });
  await asked.promise;
  agent.clock.advance(5000);
  await agent.passTimeUntil(run); // a second passes until the limit is noted
  expect(agent.payloads(task, "turn.failed")).toEqual([
    { model: "slow", latency_ms: 5000, error_class: "aborted", error: "the time is up" },
  ]);
  expect(agent.payloads(task, "control.limit_reached")).toEqual([{ limit: "wall_seconds", allowed: 5, used: 6 }]);
  expect(lastSent()).toMatch(/^Once upon a time\n\n\(It ends here: it took more time than one message may\./);
});

test("when the time is up the tool in hand is aborted too", async () => {
  const asked = Promise.withResolvers<void>();
  const slow: Tool = {
    name: "slow",
    description: "",
    arguments: z.unknown(),
    run: (_given, _context, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        asked.resolve();
      }),
  };
  agent.model.answerWith(calling("slow", {}));
  const task = agent.ask("hello");
  const run = agent.run(task, { tools: [slow], ...limited({ maxWallSeconds: 5 }) });
  await asked.promise;
  agent.clock.advance(5000);
  await agent.passTimeUntil(run);
  expect(agent.payloads(task, "tool_call.failed")).toEqual([{ tool_name: "slow", error: "aborted", latency_ms: 5000 }]);
  expect(agent.status(task)).toEqual({ status: "failed", error: "wall_seconds_exhausted" });
});

test("of several tools that one turn asks for none is begun after /stop", async () => {
  const stopping = new AbortController();
  const stops: Tool = {
    name: "stops",
    description: "",
    arguments: z.unknown(),
    run: async () => {
      stopping.abort();
      return "done";
    },
  };
  const call = { name: "stops", arguments: "{}" };
  agent.model.answerWith({
    ...calling("stops", {}),
    toolCalls: [
      { id: "1", ...call },
      { id: "2", ...call },
    ],
  });
  const task = agent.ask("hello");
  await agent.run(task, { tools: [stops], signal: stopping.signal });
  expect(agent.payloads(task, "tool_call.started")).toHaveLength(1);
});

test("the tokens of all turns are counted, and the answer gets what is left of them", async () => {
  const spent = { inputTokens: 1500, outputTokens: 500 };
  agent.model.answerWith({ ...calling("current_time", {}), ...spent }, { ...calling("current_time", {}), ...spent });
  const task = agent.ask("hello");
  await agent.run(task, limited({ maxTokens: 4000 }));
  expect(agent.model.asked.map(({ maxOutputTokens }) => (maxOutputTokens ?? 0) > 2000)).toEqual([true, false]);
  expect(agent.payloads(task, "control.limit_reached")).toEqual([
    { limit: "tokens", allowed: 4000, used: expect.any(Number) },
  ]);
  expect(agent.status(task)).toEqual({ status: "failed", error: "tokens_exhausted" });
});

test("an answer that was cut for its length says so, and blames our limit only if it was ours", async () => {
  agent.model.answerWith({ ...completion("One, two"), finishReason: "length" });
  const theirs = agent.ask("count to a million");
  await agent.run(theirs);
  expect(lastSent()).toMatch(/^One, two\n\n\(It ends here: it took more tokens than one message may\./);
  expect(agent.payloads(theirs, "control.limit_reached")).toEqual([]);
  agent.model.answerWith({ ...completion("One, two"), finishReason: "length", outputTokens: 50_000 });
  const ours = agent.ask("count to a million");
  await agent.run(ours);
  expect(agent.payloads(ours, "control.limit_reached")).toMatchObject([{ limit: "tokens", allowed: 50_000 }]);
});

test("a model that goes in circles is asked once more, without tools", async () => {
  const again = calling("recall", { query: "it" });
  agent.model.answerWith(again, again, again, completion("I do not know."));
  const task = agent.ask("where is it?");
  await agent.run(task);
  expect(agent.payloads(task, "progress.stalled")).toEqual([{ reason: "the same call again", turns: 3 }]);
  expect(agent.model.asked.map(({ tools }) => tools.length)).toEqual([2, 2, 2, 0]);
  expect(agent.model.shown[3]?.at(-1)).toEqual({
    role: "user",
    content: "(No more tools can be called. Answer now, with what you have.)",
  });
  expect(lastSent()).toBe("I do not know.");
});

test("one that still has no answer then is given up", async () => {
  const again = calling("recall", { query: "it" });
  agent.model.answerWith(again, again, again, again);
  const task = agent.ask("where is it?");
  await agent.run(task);
  expect(agent.status(task)).toEqual({ status: "failed", error: "stalled" });
  expect(lastSent()).toBe(`I could not answer: the model went in circles. (Reference ${task.agentId})`);
});

test("a provider that fails a model's last chance is to be tried again: the circle was not its doing", async () => {
  const again = calling("recall", { query: "it" });
  agent.model.answerWith(again, again, again, refusal("overloaded"));
  const task = agent.ask("where is it?");
  await agent.run(task);
  expect(agent.status(task)).toEqual({ status: "failed", error: "overloaded" });
});

test("each turn reserves its worst case, and is settled by what it cost", async () => {
  const worst: unknown[] = [];
  const spending: Spending = {
    reserve: (model, tokens) => {
      worst.push([model, tokens]);
      return { kind: "reserved", usd: 0.5 };
    },
    cost: () => 0.125,
  };
  const task = agent.ask("hello");
  await agent.run(task, { spending, ...limited({ maxTokens: 9000 }) });
  const { maxOutputTokens } = agent.model.asked[0] ?? {};
  expect(worst).toEqual([["fake", { inputTokens: 9000 - Number(maxOutputTokens), outputTokens: maxOutputTokens }]]);
  expect(agent.payloads(task, "turn.started")).toEqual([{ model: "fake", turn: 1, reserved_usd: 0.5 }]);
  expect(agent.payloads(task, "turn.completed")).toMatchObject([{ cost_usd: 0.125 }]);
});

test("a failed turn costs what was reserved, but for one that was refused before an answer began", async () => {
  const spending: Spending = { reserve: () => ({ kind: "reserved", usd: 0.5 }), cost: () => null };
  const costs: unknown[] = [];
  for (const refused of [refusal("timeout"), { ...refusal("timeout"), costsNothing: true } as const]) {
    agent.model.answerWith(refused);
    const task = agent.ask("hello");
    await agent.run(task, { spending });
    costs.push(agent.payloads(task, "turn.failed")[0]?.cost_usd);
  }
  expect(costs).toEqual([0.5, 0]);
});

test("what other turns have reserved is waited for: the message is neither refused nor charged", async () => {
  const held: Reservation = { kind: "held" };
  const answers: Reservation[] = [held, held, { kind: "reserved", usd: 1 }];
  const task = agent.ask("hello");
  const spending: Spending = { reserve: () => answers.shift() ?? held, cost: () => null };
  await agent.passTimeUntil(agent.run(task, { spending }));
  expect(agent.status(task)).toEqual({ status: "done", error: null });
  expect(agent.payloads(task, "context.assembled")).toHaveLength(1);
  expect([agent.payloads(task, "retry.scheduled"), agent.payloads(task, "control.limit_reached")]).toEqual([[], []]);
});

test("it is waited for no longer than a message may take", async () => {
  const task = agent.ask("hello");
  const spending: Spending = { reserve: () => ({ kind: "held" }), cost: () => null };
  await agent.passTimeUntil(agent.run(task, { spending, ...limited({ maxWallSeconds: 5 }) }));
  expect(agent.status(task)).toEqual({ status: "failed", error: "wall_seconds_exhausted" });
  expect(agent.model.asked).toEqual([]);
});

test("with the day's budget spent no model is asked, and the person is told so", async () => {
  const exhausted: Reservation = { kind: "exhausted", budgetUsd: 5, spentUsd: 4.99 };
  const task = agent.ask("hello");
  await agent.run(task, { spending: { reserve: () => exhausted, cost: () => null } });
  expect(agent.model.asked).toEqual([]);
  expect(agent.payloads(task, "control.limit_reached")).toEqual([{ limit: "budget_usd", allowed: 5, used: 4.99 }]);
  expect(agent.payloads(task, "turn.started")).toEqual([]);
  expect(lastSent()).toBe(`I could not answer: today's budget for the model is spent. (Reference ${task.agentId})`);
});
