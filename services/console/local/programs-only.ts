import type { MiddlewareHandler } from "hono";
import { isLoopback } from "../loopback.ts";

/**
 * Keeps web pages away from the local Bot API and model, whose keys are no secrets. A browser says that it is one, but
 * in a plain GET to the loopback alone (Fetch Metadata: to trustworthy addresses). At its container's address, or at a
 * domain that was rebound to it, this port could not tell a foreign page from a program: so programs come by the
 * loopback, or by a bare name such as console, which no public domain is.
 */
export const programsOnly: MiddlewareHandler = async (c, next) => {
  const isBrowser = c.req.header("origin") !== undefined || c.req.header("sec-fetch-site") !== undefined;
  const { hostname } = new URL(c.req.url);
  if (!isBrowser && (isLoopback(hostname) || isBareName(hostname))) return next();
  return c.text(
    "This port is for programs, by a loopback address or a bare name. The chat page has a port of its own.\n",
    403,
  );
};

/** Neither a domain nor an IP address. */
function isBareName(hostname: string): boolean {
  return !/[.:]/.test(hostname);
}
