import { type Clock, deadline } from "../../../shared/clock.ts";
import { type KnownEvent, knownEvent } from "../../../shared/known-event.ts";
import { advance, type Outcome, outcomeOf, type RequestState } from "../../../shared/request-outcome.ts";
import type { Answer } from "../../../shared/requests/answers.ts";
import { followAnswer } from "../../../shared/requests/follow-answer.ts";

/** A supervisor answers within its look at the engine, well under a second; it may also be busy. */
const ANSWER_EXPECTED_MS = 5_000;
/** What is taken arrives in the shared log at once, unless that does not take rows. */
const ARRIVAL_EXPECTED_MS = 1_000;

export interface RequestFollower {
  /** Of the requests. */
  readonly directory: string;
  readonly clock: Clock;
  /** Each event after the request, with all that is known of it by then. */
  onEvent(state: RequestState, event: KnownEvent, answer: Answer): Promise<void>;
  /** Called once if no answer came within the time one usually takes. */
  onSilence(): void;
}

export interface Followed {
  /** Null when `signal` has aborted before there was one; the request goes on without a follower. */
  readonly outcome: Outcome | null;
  /** The newest; null when none came. */
  readonly answer: Answer | null;
}

/** Follows a request until it is decided. */
export async function followRequest(follower: RequestFollower, id: string, signal: AbortSignal): Promise<Followed> {
  const { directory, onEvent } = follower;
  let state: RequestState | null = null;
  let newest: Answer | null = null;
  let last = 0;
  for await (const answer of answersWithin(follower, id, signal)) {
    newest = answer;
    state ??= { kind: "asked", requestId: answer.requestId };
    for (const stored of answer.events.filter((event) => event.id > last)) {
      last = stored.id;
      state = advance(state, knownEvent(stored));
      await onEvent(state, knownEvent(stored), answer);
      if (outcomeOf(state, false)) break; // what comes after it is about something else
    }
    const outcome = outcomeIn(answer, state);
    if (outcome) return { outcome, answer: await arrived(directory, id, answer, signal) };
  }
  return { outcome: null, answer: newest };
}

/** The first answer, with its id in the shared log if that comes soon. Null when `signal` has aborted before. */
export async function firstAnswer(
  follower: Omit<RequestFollower, "onEvent">,
  id: string,
  signal: AbortSignal,
): Promise<Answer | null> {
  for await (const answer of answersWithin(follower, id, signal)) {
    return arrived(follower.directory, id, answer, signal);
  }
  return null;
}

async function* answersWithin(
  { directory, clock, onSilence }: Omit<RequestFollower, "onEvent">,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<Answer> {
  const answered = new AbortController();
  const noticeSilence = async (heard: AbortSignal) => {
    await clock.sleep(ANSWER_EXPECTED_MS, heard);
    if (!heard.aborted) onSilence();
  };
  void noticeSilence(AbortSignal.any([signal, answered.signal]));
  try {
    for await (const answer of followAnswer(directory, id, signal)) {
      answered.abort();
      yield answer;
    }
  } finally {
    answered.abort();
  }
}

function outcomeIn(answer: Answer, state: RequestState): Outcome | null {
  if (answer.problem !== undefined) return { kind: "rejected", reason: answer.problem };
  const outcome = outcomeOf(state, true);
  if (outcome || !answer.decided) return outcome;
  return { kind: "failed", reason: "the supervisor's answer does not tell how it ended", aftermath: null };
}

/** The same answer, once it says under which id the request is in the shared log, or as it is when that takes long. */
async function arrived(directory: string, id: string, answer: Answer, signal: AbortSignal): Promise<Answer> {
  if (answer.eventId !== null || answer.problem !== undefined) return answer;
  for await (const next of followAnswer(directory, id, deadline(ARRIVAL_EXPECTED_MS, signal)))
    if (next.eventId !== null) return next;
  return answer;
}
