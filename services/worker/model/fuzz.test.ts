import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createRandom } from "../../../proof/fuzz/acts.ts";
import {
  delta,
  eventText,
  type FakeProvider,
  never,
  question,
  STREAM,
  startFakeProvider,
  whole,
} from "./fake-provider.ts";
import type { Completion, Refusal, RefusalReason } from "./model.ts";
import { readStream, readWhole } from "./read-answer.ts";
import type { Received, Wire } from "./wire.ts";

/** Whatever comes from a provider, a Completion or a Refusal comes of it: nothing is thrown, nothing hangs, nothing is quoted. */

type Random = () => number;

const REASONS: ReadonlySet<string> = new Set<RefusalReason>([
  "rate_limited",
  "overloaded",
  "timeout",
  "unreachable",
  "unauthorised",
  "context_too_long",
  "refused",
  "malformed",
]);

const STREAMED = [
  delta({ role: "assistant", content: "" }),
  delta({ content: "Grüße " }),
  delta({ content: "😀 to you" }),
  delta({ tool_calls: [{ index: 0, id: "t1", function: { name: "recall", arguments: "" } }] }),
  delta({ tool_calls: [{ index: 0, function: { arguments: '{"words":"tea"}' } }] }),
  delta({}, "stop"),
  { choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 1 } } },
];
const WHOLE = whole({
  content: "Grüße",
  tool_calls: [{ id: "t1", type: "function", function: { name: "recall", arguments: "{}" } }],
});
const STRANGE = [null, undefined, "", "stop", "[DONE]", -1, 0, 2 ** 53, 1.5, true, [], {}, [[]], "\u0000", "\ud800"];
const LINES = [
  "data",
  "data:",
  "data: [DONE]\n\n",
  "event: error\n",
  ":\n\n",
  "\r",
  "\n\n",
  '{"error":{"code":429}}',
  "}",
];

test("thousands of mutated streams, cut anywhere, each end as a completion or a refusal", async () => {
  const kinds = { completed: 0, refused: 0 };
  for (let seed = 1; seed <= 8000; seed++) {
    const next = createRandom(seed);
    let told = "";
    const outcome = await readStream(wireOf(cut(mutatedStream(next), next), next), (text) => {
      expect(text.startsWith(told)).toBe(true);
      told = text;
    });
    expect([seed, problemWith(outcome)]).toEqual([seed, null]);
    kinds[outcome.kind]++;
  }
  expect(Math.min(kinds.completed, kinds.refused)).toBeGreaterThan(500);
});

test("thousands of mutated answers in one piece do too", async () => {
  for (let seed = 1; seed <= 4000; seed++) {
    const next = createRandom(seed);
    const text = garbled(JSON.stringify(mutated(WHOLE, next)) ?? "", next);
    const outcome = await readWhole(wireOf(cut(text, next), next), () => {});
    expect([seed, problemWith(outcome)]).toEqual([seed, null]);
  }
});

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.close());

test("over the network too, with any status and type, and sockets that are lost", async () => {
  const model = provider.model({ timeoutMs: 5000, idleMs: 50 });
  for (let seed = 1; seed <= 300; seed++) {
    const next = createRandom(seed);
    provider.answer((response) => {
      const status = pick([200, 200, 200, 200, 201, 400, 404, 422, 429, 500, 503], next);
      const type = pick([STREAM["content-type"], STREAM["content-type"], "application/json", "text/plain", "x"], next);
      response.writeHead(status, {
        "content-type": type,
        "retry-after": String(pick(STRANGE, next)).replace(/[^ -~]/g, ""),
      });
      response.write(mutatedStream(next));
      if (next() % 4 === 0) setImmediate(() => response.destroy());
      else response.end();
    });
    expect([seed, problemWith(await model.complete(question, never))]).toEqual([seed, null]);
  }
});

function mutatedStream(next: Random): string {
  const events = [...STREAMED.map((event) => (next() % 6 === 0 ? mutated(event, next) : event)), "[DONE]"];
  for (let times = next() % 3; times > 0; times--) {
    const [moved] = events.splice(next() % events.length, 1);
    if (next() % 2 === 0) events.splice(next() % (events.length + 1), 0, moved as object);
  }
  return garbled(events.map(eventText).join(""), next);
}

/** A copy in which one thing, at any depth, is another. */
function mutated(value: unknown, next: Random): unknown {
  if (typeof value !== "object" || value === null || next() % 4 === 0) return pick(STRANGE, next);
  const keys = Object.keys(value);
  if (keys.length === 0) return { error: pick(STRANGE, next) };
  const key = pick(keys, next);
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [...value] : { ...value };
  return Object.assign(copy, { [key]: mutated((value as Record<string, unknown>)[key], next) });
}

function garbled(text: string, next: Random): string {
  if (next() % 3 !== 0) return text;
  const at = next() % (text.length + 1);
  return text.slice(0, at) + pick(LINES, next) + text.slice(at + (next() % 3));
}

function cut(text: string, next: Random): Received[] {
  const pieces: Received[] = [];
  for (let at = 0; at < text.length; ) {
    const size = 1 + (next() % 200);
    pieces.push({ kind: "text", text: text.slice(at, at + size) });
    at += size;
  }
  return pieces;
}

/** What was cut, and any end. */
function wireOf(pieces: readonly Received[], next: Random): Wire {
  const ends: Received[] = [
    { kind: "end" },
    { kind: "end" },
    { kind: "lost", detail: "" },
    { kind: "silent", detail: "" },
    { kind: "too long", detail: "" },
  ];
  const queue = [...pieces, pick(ends, next)];
  return {
    next: async () => queue.shift() ?? { kind: "end" },
    close: () => {},
  };
}

function problemWith(outcome: Completion | Refusal): unknown {
  if (outcome.kind === "refused")
    return REASONS.has(outcome.reason) && !/Gr|😀|tea/.test(outcome.detail) ? null : outcome;
  const { content, toolCalls, inputTokens, cachedTokens, outputTokens, finishReason } = outcome;
  const isSaid = content.trim() !== "" || toolCalls.length > 0;
  const areCalls = toolCalls.every((call) => call.id !== "" && call.name !== "" && call.arguments !== "");
  const areCounts = [inputTokens, cachedTokens, outputTokens].every(
    (count) => count === null || Number.isInteger(count),
  );
  return isSaid && areCalls && areCounts && finishReason !== "" ? null : outcome;
}

function pick<T>(choices: readonly T[], next: Random): T {
  return choices[next() % choices.length] as T;
}
