import type { MiddlewareHandler } from "hono";

/**
 * Keeps web pages away from the local Bot API and model, whose keys are no secrets. A browser says that it is one, but
 * not to an address of a container, and a page that has rebound its own domain to this address gives itself away by the
 * domain: programs come with a loopback address or a bare name such as localhost or console, which no public domain is.
 */
export const programsOnly: MiddlewareHandler = async (c, next) => {
  const isBrowser = c.req.header("origin") !== undefined || c.req.header("sec-fetch-site") !== undefined;
  if (isBrowser || !isProgramsName(new URL(c.req.url).hostname)) {
    return c.text("This port is for programs. The chat page has a port of its own.\n", 403);
  }
  return next();
};

function isProgramsName(hostname: string): boolean {
  return hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname) || /^[^.[\]]+$/.test(hostname);
}
