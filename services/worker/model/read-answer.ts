import { judged, NOTHING_YET, wholeAnswer } from "./answer.ts";
import { createEventReader } from "./event-reader.ts";
import { jsonIn } from "./json.ts";
import type { Completion, Refusal, RefusalReason } from "./model.ts";
import { problemWithin, refusal, refusalOf } from "./refusals.ts";
import { withEvent } from "./stream.ts";
import type { Received, Wire } from "./wire.ts";

/** A streamed answer, told as it grows. Rejects as the wire does. */
export async function readStream(wire: Wire, onText: (textSoFar: string) => void): Promise<Completion | Refusal> {
  const reader = createEventReader();
  let answer = NOTHING_YET;
  for (;;) {
    const received = await wire.next();
    for (const event of eventsIn(received, reader)) {
      const joined = withEvent(answer, event);
      if (joined.kind !== "more") return joined;
      if (joined.answer.content.length > answer.content.length) onText(joined.answer.content);
      answer = joined.answer;
    }
    if (received.kind !== "text") return answer.finishReason === null ? cutShort(received) : judged(answer);
  }
}

/** What a broken connection leaves of an event is none. */
function eventsIn(received: Received, reader: ReturnType<typeof createEventReader>) {
  if (received.kind === "text") return reader.read(received.text);
  return received.kind === "end" ? reader.end() : [];
}

/** An answer in one piece. Rejects as the wire does. */
export async function readWhole(wire: Wire, onText: (textSoFar: string) => void): Promise<Completion | Refusal> {
  const pieces: string[] = [];
  let received = await wire.next();
  for (; received.kind === "text"; received = await wire.next()) pieces.push(received.text);
  if (received.kind !== "end") return cutShort(received);
  const body = jsonIn(pieces.join(""));
  const problem = problemWithin(body);
  if (problem) return { ...refusalOf(problem), costsNothing: true };
  const answer = wholeAnswer(body);
  if (answer === null) return refusal("malformed", "not a chat completion");
  if (answer.content !== "") onText(answer.content);
  return judged(answer);
}

const REASON: Readonly<Record<Exclude<Received["kind"], "text" | "end">, RefusalReason>> = {
  lost: "unreachable",
  silent: "timeout",
  "too long": "malformed",
};

function cutShort(received: Exclude<Received, { kind: "text" }>): Refusal {
  if (received.kind === "end") return refusal("malformed", "the stream ends before its finish_reason");
  return refusal(REASON[received.kind], received.detail);
}
