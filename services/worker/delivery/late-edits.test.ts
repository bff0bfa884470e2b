import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { type TemporaryAgent, temporaryAgent } from "../agent/temporary-agent.ts";
import { completion } from "../model/fake-model.ts";
import type { Sender } from "./sender.ts";

/** An edit that was cut off may be carried out all the same, later than what was sent after it. */

const HALF = "half an answer";
const WHOLE = "half an answer, and the other half";

let agent: TemporaryAgent;
let chat: ReturnType<typeof stallingChat>;
beforeEach(() => {
  agent = temporaryAgent();
  chat = stallingChat();
});
afterEach(() => agent.remove());

/** A chat that carries out the edit to half an answer, and what `stalls` besides, only when a test says so. */
function stallingChat() {
  const shown = new Map<number, string>();
  const late: (() => void)[] = [];
  let sends = 0;
  const stall = (signal: AbortSignal, carryOut: () => void) => {
    late.push(carryOut);
    return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const rewrite = (id: number, text: string) => void (shown.has(id) && shown.set(id, text));
  const stalls = { removal: false };
  const of: Pick<Sender, "send" | "edit" | "remove"> = {
    async send(_chat, { text }) {
      sends += 1;
      shown.set(sends, text);
      return { kind: "sent", messageId: sends };
    },
    async edit(_chat, messageId, { text }, signal) {
      if (text === HALF) return stall(signal, () => rewrite(messageId, text));
      if (!shown.has(messageId)) return { kind: "gone", detail: "Bad Request: message to edit not found" };
      rewrite(messageId, text);
      return { kind: "sent", messageId };
    },
    async remove(_chat, messageId, signal) {
      if (stalls.removal) return stall(signal, () => shown.delete(messageId));
      shown.delete(messageId);
      return { kind: "done" };
    },
  };
  const carryOut = () => {
    for (const one of late) one();
  };
  return { sender: { ...agent.sender, ...of }, stalls, carryOut, shown: () => [...shown.values()] };
}

/** An attempt whose model has said half of its answer, and whose edit to that hangs. */
async function withAnEditThatHangs(signal = new AbortController().signal) {
  const held = agent.model.hold();
  const task = agent.ask("hello");
  const running = agent.run(task, { sender: chat.sender, signal });
  await held.called;
  agent.clock.advance(1000);
  await setImmediate();
  agent.model.answerWith(completion(WHOLE));
  agent.model.asked[0]?.onText(HALF);
  agent.clock.advance(1000);
  await setImmediate();
  return { task, running, letGo: held.letGo };
}

test("an edit to half an answer that is carried out late does not take the place of the whole one", async () => {
  const { task, running, letGo } = await withAnEditThatHangs();
  letGo();
  await agent.passTimeUntil(running);
  chat.carryOut();
  expect(chat.shown()).toEqual([WHOLE]);
  expect(agent.status(task)).toEqual({ status: "done", error: null });
});

test("a removal that hangs as well holds nothing up, and takes nothing of the answer with it", async () => {
  chat.stalls.removal = true;
  const { running, letGo } = await withAnEditThatHangs();
  letGo();
  await agent.passTimeUntil(running);
  expect(chat.shown()).toEqual(["…", WHOLE]);
  chat.carryOut();
  expect(chat.shown()).toEqual([WHOLE]);
});

test("the worker that takes over from one whose edit was cut off answers in a new message", async () => {
  const stop = new AbortController();
  const { running, letGo } = await withAnEditThatHangs(stop.signal);
  stop.abort(new Error("stopped"));
  await agent.passTimeUntil(running);
  letGo();
  await agent.passTimeUntil(agent.run(agent.restart(), { sender: chat.sender }));
  chat.carryOut();
  expect(chat.shown()).toEqual([WHOLE]);
});

test("what a person stopped keeps its draft: no answer takes its place", async () => {
  const stop = new AbortController();
  const { task, running } = await withAnEditThatHangs(stop.signal);
  logEvent(agent.db, task.agentId, "agent.failed", { task_id: task.id, error: "stopped", error_class: "stopped" });
  stop.abort(new Error("somebody stopped it"));
  await agent.passTimeUntil(running);
  expect(chat.shown()).toEqual([expect.stringMatching(/You stopped it here/)]);
});
