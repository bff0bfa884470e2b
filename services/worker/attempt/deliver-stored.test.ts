import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { type TemporaryAgent, temporaryAgent } from "../agent/temporary-agent.ts";
import { refusal } from "../model/fake-model.ts";
import { FINISHED } from "./finished-message.ts";

let agent: TemporaryAgent;
let lines: Record<string, unknown>[];
beforeEach(() => {
  agent = temporaryAgent();
  lines = [];
});
afterEach(() => agent.remove());

const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line)) });

test("a message that was answered leaves one line: its tree, and what it took over all attempts", async () => {
  const spending = { ...agent.ports.spending, cost: () => 0.5 };
  agent.ask("hello");
  const task = agent.restart();
  await agent.run(task, { log, spending });
  expect(lines).toEqual([
    {
      level: 30,
      event_id: task.agentId,
      task_id: task.id,
      outcome: "answered",
      attempt: 2,
      latency_ms: expect.any(Number),
      turns: 1,
      input_tokens: 11,
      output_tokens: 7,
      cost_usd: 0.5,
      msg: "message answered",
    },
  ]);
});

test("a message that could not be answered leaves one line, with the reason", async () => {
  agent.model.answerWith(refusal("unauthorised"));
  const task = agent.ask("hello");
  await agent.run(task, { log });
  expect(lines).toMatchObject([{ event_id: task.agentId, outcome: "failed", attempt: 1, error: "unauthorised" }]);
});

test("what a message took is found by the message, however long the log", () => {
  const steps = agent.db.prepare(`EXPLAIN QUERY PLAN ${FINISHED}`).all(1) as { detail: string }[];
  const plan = steps.map(({ detail }) => detail).join("\n");
  expect(plan).toMatch(/SEARCH a USING INDEX attempts_by_task \(<expr>=\?\)/);
  expect(plan).toMatch(/SEARCH t USING INDEX events_by_parent \(parent_id=\?\)/);
});
