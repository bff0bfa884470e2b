import type { ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import type { Parameters } from "./answer.ts";

/** What a network, or Telegram on a bad day, makes of a call. `acted`: Telegram carried it out all the same. */
export type Fault =
  | { readonly kind: "rate limited"; readonly retryAfterSeconds: number }
  | { readonly kind: "server error"; readonly status: 500 | 502 | 503 | 504; readonly acted: boolean }
  /** What a proxy in front of Telegram answers, with status 200 at the worst. */
  | { readonly kind: "html page"; readonly status: 200 | 502; readonly acted: boolean }
  | { readonly kind: "dropped"; readonly acted: boolean }
  /** The connection stays open after half of the answer; Telegram has acted. */
  | { readonly kind: "hangs in mid body" };

/** A method's name is in lower case, as Telegram reads it in any. */
export interface Call {
  readonly method: string;
  readonly parameters: Parameters;
  readonly outgoing: ServerResponse;
}

/** Stands around every call: it may have it carried out by `act` or not, and answers as it likes. */
export type Around = (call: Call, act: () => Promise<Response>) => Promise<Response>;

/** The local server behind something that can fail. For proofs and tests alone: no setting and no request leads here. */
export function surrounded(server: Hono, around: Around): Hono {
  const app = new Hono();
  app.use("/:bot{bot[^/]+}/:method", async (c, next) => {
    const { outgoing } = c.env as HttpBindings; // Node's server, over HTTP/1.1
    const method = String(c.req.param("method")).toLowerCase();
    const answer = await around({ method, parameters: await jsonBody(c), outgoing }, async () => {
      await next();
      return c.res;
    });
    c.res = undefined; // or it would keep the headers of the answer that this one replaces
    c.res = answer;
  });
  app.route("/", server);
  return app;
}

/** Makes a call suffer a fault. */
export async function suffer(fault: Fault, { outgoing }: Call, act: () => Promise<Response>): Promise<Response> {
  switch (fault.kind) {
    case "rate limited": {
      const parameters = { retry_after: fault.retryAfterSeconds };
      return refusal(429, `Too Many Requests: retry after ${fault.retryAfterSeconds}`, parameters);
    }
    case "server error":
      if (fault.acted) await act();
      return refusal(fault.status, "Internal Server Error");
    case "html page":
      if (fault.acted) await act();
      return new Response("<html><body><h1>502 Bad Gateway</h1></body></html>\n", {
        status: fault.status,
        headers: { "Content-Type": "text/html" },
      });
    case "dropped":
      if (fault.acted) await act();
      outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    case "hangs in mid body":
      await sendHalf(await act(), outgoing);
      return RESPONSE_ALREADY_SENT;
  }
}

async function sendHalf(answer: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer());
  outgoing.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
  outgoing.write(body.subarray(0, body.length / 2));
}

function refusal(status: number, description: string, parameters?: { readonly retry_after: number }): Response {
  return Response.json({ ok: false, error_code: status, description, ...(parameters && { parameters }) }, { status });
}

async function jsonBody(c: Context): Promise<Parameters> {
  const isJson = /^application\/json\b/i.test(c.req.header("content-type") ?? "");
  const body: unknown = isJson ? await c.req.json().catch(() => null) : null; // the server itself says that it is none
  return { ...c.req.query(), ...(typeof body === "object" ? body : null) };
}
