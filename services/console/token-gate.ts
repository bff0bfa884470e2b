import { createHmac, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { signInPage } from "./pages/sign-in.ts";
import { peerOf } from "./peer.ts";
import { problem } from "./problem.ts";
import type { WrongTokens } from "./wrong-tokens.ts";

const COOKIE = "console_session";

/** The token itself is long enough to be sent once; a month of not sending it again is enough. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;

/** The sign-in form's body holds a token and nothing else; it is read before anything is known of who sends it. */
const LONGEST_SIGN_IN = 4096;

/**
 * Lets through who knows the token: by the Authorization header, by the cookie, or once by `?token=` or the sign-in
 * form, which set the cookie. The cookie holds what only the token yields, never the token, so it ends with the token.
 * After some wrong tokens the next ones are not looked at; whoever has the cookie goes on.
 */
export function createTokenGate(token: string, wrongTokens: WrongTokens): Hono {
  const session = createHmac("sha256", token).update("console session").digest("hex");
  const app = new Hono();

  /** Null when it is the token, else the refusal. */
  const refusal = (c: Context, given: string) => {
    const address = peerOf(c) ?? "";
    const seconds = wrongTokens.secondsToWait(address);
    if (seconds !== null) {
      c.header("Retry-After", String(seconds));
      return problem(c, 429, `Too many wrong tokens came. Try again in ${seconds} seconds.`);
    }
    if (isEqual(given, token)) return null;
    wrongTokens.note(address);
    return c.html(signInPage("That is not the token."), 401);
  };

  const admit = (c: Context, given: string, to: string) => {
    const refused = refusal(c, given);
    if (refused) return refused;
    setCookie(c, COOKIE, session, { httpOnly: true, sameSite: "Strict", path: "/", maxAge: SESSION_SECONDS });
    return c.redirect(to, 303);
  };

  app.use(
    "/sign-in",
    bodyLimit({ maxSize: LONGEST_SIGN_IN, onError: (c) => problem(c, 413, "The form is over 4 KB.") }),
  );
  app.post("/sign-in", async (c) => admit(c, String((await c.req.parseBody()).token ?? ""), "/"));

  app.use(async (c, next) => {
    const bearer = /^Bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (isEqual(getCookie(c, COOKIE) ?? "", session)) return next();
    if (bearer !== undefined) return refusal(c, bearer) ?? next();
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
