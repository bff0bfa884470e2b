import { deadline } from "../../../shared/clock.ts";

export interface Deadlines {
  readonly readMs: number;
  readonly changeMs: number;
}

export const DEADLINES: Deadlines = {
  readMs: 30_000, // it takes milliseconds; a busy disk makes that seconds
  changeMs: 120_000, // removing a container or setting up its network on a loaded machine
};

/** As far as it matters here, what dockerode's modem dials. */
export interface EngineRequest {
  readonly path: string;
  readonly method?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly abortSignal?: AbortSignal;
}

type Dial<Request, Answer> = (request: Request, answered?: (error: Error | null, answer: Answer) => void) => void;

/**
 * An engine that hangs accepts a request and never answers, and dockerode waits for ever, as it does when an answer is
 * cut in its middle. After the deadline the request has failed like one to an engine that is not there.
 */
export function withDeadlines<Request extends EngineRequest, Answer>(
  dial: Dial<Request, Answer | null>,
  deadlines: Deadlines,
): Dial<Request, Answer | null> {
  return (request, answered) => {
    const ms = deadlineFor(request, deadlines);
    if (ms === null) return dial(request, answered);
    const late = deadline(ms, new AbortController().signal);
    let waiting = true;
    const answer = (error: Error | null, result: Answer | null) => {
      if (waiting) answered?.(error, result);
      waiting = false;
    };
    late.addEventListener("abort", () => answer(noAnswer(request, ms), null), { once: true });
    dial({ ...request, abortSignal: late }, answer);
  };
}

/** How long a request may take in all; null for the two that go on as long as they have something to say. */
export function deadlineFor({ path, method, options }: EngineRequest, { readMs, changeMs }: Deadlines): number | null {
  if (path.startsWith("/images/create")) return null;
  if (path.startsWith("/events")) return options?.until === undefined ? null : readMs;
  if (method === "GET") return readMs;
  return changeMs + Number(options?.t ?? 0) * 1000; // a stop answers only after its grace
}

function noAnswer({ path, method }: EngineRequest, ms: number): Error {
  const [resource] = path.split("?");
  return Object.assign(new Error(`the engine did not answer ${method} ${resource} within ${ms / 1000} s`), {
    code: "ETIMEDOUT",
  });
}
