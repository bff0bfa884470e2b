import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Answer, type AnswerCall, badRequest, type Parameters, refused } from "./answer.ts";

/** No text that Telegram takes comes near it. */
const LONGEST_BODY_BYTES = 10 * 1024 * 1024;

/**
 * The Bot API over HTTP: /bot<token>/<method>, GET or POST, parameters in the query, in JSON or in a form.
 * @param stopping ends every held poll
 */
export function createBotApi(answer: AnswerCall, settings: { token: string }, stopping: AbortSignal): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({ maxSize: LONGEST_BODY_BYTES, onError: (c) => reply(c, refused(413, "Request Entity Too Large")) }),
  );
  app.on(["GET", "POST"], "/:bot{bot[^/]+}/:method", async (c) => {
    if (c.req.param("bot") !== `bot${settings.token}`) return reply(c, refused(401, "Unauthorized"));
    const parameters = await readParameters(c);
    if (parameters === null) return reply(c, badRequest("can't parse JSON object"));
    const signal = AbortSignal.any([c.req.raw.signal, stopping]);
    return reply(c, await answer(c.req.param("method"), parameters, signal));
  });
  app.all("*", (c) => reply(c, refused(404, "Not Found")));
  return app;
}

function reply(c: Context, answer: Answer): Response {
  return c.json(answer, answer.ok ? 200 : (answer.error_code as ContentfulStatusCode)); // every code used here has a body
}

/** What the query and the body say; the body wins. Null when the body is not what its type says. */
async function readParameters(c: Context): Promise<Parameters | null> {
  const query = c.req.query();
  const type = c.req.header("content-type") ?? "";
  try {
    if (/^application\/json\b/i.test(type)) {
      const body: unknown = JSON.parse((await c.req.text()) || "{}");
      return typeof body === "object" && body !== null && !Array.isArray(body) ? { ...query, ...body } : null;
    }
    return { ...query, ...(await c.req.parseBody()) };
  } catch {
    return null; // the person who wrote the request is told that it does not parse
  }
}
