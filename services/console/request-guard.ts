import type { MiddlewareHandler } from "hono";
import { isFromThisMachine, peerOf } from "./peer.ts";

/**
 * Answers only those who call the page by a name of its own: a foreign domain that was rebound to this address
 * (DNS rebinding) still comes with its own name.
 * @param allowedHosts host names in lower case, without ports; an IPv6 address in brackets
 */
export function onlyHosts(allowedHosts: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const { hostname } = new URL(c.req.url);
    if (allowedHosts.includes(hostname)) return next();
    return c.text("This host name is not one of the console's. Add it to CONSOLE_ALLOWED_HOSTS to use it.\n", 421);
  };
}

/**
 * Answers only this machine, where no token is asked for: another container on the console's network can call it by any
 * name, but does not come by the way that is published.
 */
export const onlyThisMachine: MiddlewareHandler = async (c, next) => {
  const peer = peerOf(c);
  if (peer === null || isFromThisMachine(peer)) return next();
  return c.text(
    "Without a CONSOLE_TOKEN the console answers the machine that it runs on alone. Set one to use it.\n",
    403,
  );
};

/**
 * Refuses what changes anything when another site's page asks for it. A browser names the origin on every such request;
 * a program, such as curl, names neither the origin nor the site.
 */
export const sameOriginOnly: MiddlewareHandler = async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD") return next();
  const origin = c.req.header("origin");
  const isProgram = origin === undefined && c.req.header("sec-fetch-site") === undefined;
  if (isProgram || hostOf(origin) === new URL(c.req.url).host) return next();
  return c.json({ error: "This request comes from another site, so it is refused." }, 403);
};

function hostOf(origin: string | undefined): string | null {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null;
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * No script but our own files, no frame around the page, no address of it told to others, no copy in a cache. The pages
 * may name themselves to each other: under no-referrer a form's request names its origin as null.
 */
export const secureHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Referrer-Policy", "same-origin");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
  c.header("Cache-Control", "no-store");
};
