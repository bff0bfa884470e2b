import type { MiddlewareHandler } from "hono";

/**
 * Keeps web pages away from the local Bot API and model, whose keys are no secrets. A browser says that it is one, and
 * a page that has rebound its own domain to this address gives itself away by the domain: programs come with an address
 * or a bare name such as localhost or console, which no public domain is.
 */
export const programsOnly: MiddlewareHandler = async (c, next) => {
  const isBrowser = c.req.header("origin") !== undefined || c.req.header("sec-fetch-site") !== undefined;
  if (isBrowser || isPublicName(new URL(c.req.url).hostname)) {
    return c.text("This port is for programs. The chat page has a port of its own.\n", 403);
  }
  return next();
};

function isPublicName(hostname: string): boolean {
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.startsWith("[");
  return hostname.includes(".") && !isAddress;
}
