import { createHmac, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { signInPage } from "./pages/sign-in.ts";

const COOKIE = "console_session";

/** The token itself is long enough to be sent once; a month of not sending it again is enough. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;

/**
 * Lets through who knows the token: by the Authorization header, by the cookie, or once by `?token=` or the sign-in
 * form, which set the cookie. The cookie holds what only the token yields, never the token, so it ends with the token.
 */
export function createTokenGate(token: string): Hono {
  const session = createHmac("sha256", token).update("console session").digest("hex");
  const app = new Hono();

  const admit = (c: Context, given: string, to: string) => {
    if (!isEqual(given, token)) return c.html(signInPage("That is not the token."), 401);
    setCookie(c, COOKIE, session, { httpOnly: true, sameSite: "Strict", path: "/", maxAge: SESSION_SECONDS });
    return c.redirect(to, 303);
  };

  app.post("/sign-in", async (c) => admit(c, String((await c.req.parseBody()).token ?? ""), "/"));

  app.use(async (c, next) => {
    const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (isEqual(bearer ?? "", token) || isEqual(getCookie(c, COOKIE) ?? "", session)) return next();
    const given = c.req.query("token");
    if (given !== undefined && c.req.method === "GET") return admit(c, given, withoutToken(c.req.url));
    return c.html(signInPage(null), 401);
  });
  return app;
}

/** Digests are compared, so the time taken tells neither the length nor how much of it was right. */
function isEqual(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** An address of ours: the token must not stay in the address bar, the history or a bookmark. */
function withoutToken(address: string): string {
  const { pathname, searchParams } = new URL(address);
  searchParams.delete("token");
  const query = searchParams.toString();
  // Two slashes begin another host's address.
  const path = pathname.replace(/^\/+/, "/");
  return query === "" ? path : `${path}?${query}`;
}
