import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import type { Clock } from "../../../../shared/clock.ts";
import { answerTo } from "./answer.ts";
import { chunks, completion, writingMs } from "./completion.ts";
import { chatRequest } from "./request.ts";

/** More context than any model takes as text. */
const LONGEST_BODY_BYTES = 10 * 1024 * 1024;

/**
 * A model with OpenAI's HTTP interface (https://platform.openai.com/docs/api-reference/chat) that takes any key.
 * @param settings latencyMs: how long it thinks, so that a person sees that it does
 * @param stopping ends the thinking, and the writing
 */
export function createModelApi(clock: Clock, settings: { latencyMs: number }, stopping: AbortSignal): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: LONGEST_BODY_BYTES, onError: (c) => refuse(c, 413, "The request is too large.") }));
  app.use(async (c, next) => {
    if (/^Bearer\s+\S/i.test(c.req.header("authorization") ?? "")) return next();
    const how = "You didn't provide an API key. Give one in an Authorization header: Authorization: Bearer YOUR_KEY.";
    return refuse(c, 401, how, "invalid_api_key");
  });

  app.get("/models", (c) => {
    const local = { id: "local", object: "model", created: 0, owned_by: "console" };
    return c.json({ object: "list", data: [local] });
  });

  app.post("/chat/completions", async (c) => {
    const request = chatRequest.safeParse(await c.req.json().catch(() => undefined));
    if (!request.success) return refuse(c, 400, `The request body is not valid: ${reasons(request.error.issues)}.`);
    const answer = answerTo(request.data);
    const created = Math.floor(clock.now() / 1000);
    const over = AbortSignal.any([c.req.raw.signal, stopping]);
    const isStreamed = request.data.stream === true;
    const thinkingMs = settings.latencyMs + (isStreamed ? 0 : writingMs(answer));
    if (thinkingMs > 0) await clock.sleep(thinkingMs, over);
    if (!isStreamed) return c.json(completion(request.data, answer, created));
    const paceMs = answer.kind === "text" ? answer.paceMs : 0;
    const events = [...chunks(request.data, answer, created).map((chunk) => JSON.stringify(chunk)), "[DONE]"].map(sse);
    return streamSSE(c, async (stream) => {
      // A write for each word would cost more than all the rest: what needs no pace goes out in one.
      for (const piece of paceMs > 0 ? events : [events.join("")]) {
        await stream.write(piece);
        if (paceMs > 0) await clock.sleep(paceMs, over);
        if (over.aborted) return;
      }
    });
  });

  app.all("*", (c) => refuse(c, 404, `Unknown request URL: ${c.req.method} ${c.req.path}.`, "unknown_url"));
  return app;
}

function sse(data: string): string {
  return `data: ${data}\n\n`;
}

function reasons(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ");
}

function refuse(c: Context, status: 400 | 401 | 404 | 413, message: string, code: string | null = null): Response {
  return c.json({ error: { message, type: "invalid_request_error", param: null, code } }, status);
}
