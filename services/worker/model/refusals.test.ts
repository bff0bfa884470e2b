import { expect, test } from "@jest/globals";
import { problemIn, refusalOf } from "./refusals.ts";
import { retryAfterMs } from "./retry-after.ts";

const refused = (status: number | null, body: unknown) => refusalOf(problemIn(body, status));

test.each([
  [401, { message: "bad key" }, "unauthorised"],
  [403, { message: "not yours" }, "unauthorised"],
  [404, { message: "no such model", code: "model_not_found" }, "refused"],
  [402, { message: "pay first" }, "refused"],
  [408, { message: "too slow" }, "timeout"],
  [409, { message: "locked" }, "overloaded"],
  [413, "too large", "context_too_long"],
  [422, { detail: [{ loc: ["body", "tools"] }] }, "refused"],
  [429, { message: "slow down", type: "requests", code: "rate_limit_exceeded" }, "rate_limited"],
  [500, { message: "oops" }, "overloaded"],
  [503, "<html>busy</html>", "overloaded"],
  [529, {}, "overloaded"],
  [400, { message: "what?" }, "refused"],
  [400, { message: "too long", code: "context_length_exceeded" }, "context_too_long"],
  [400, { message: "This model's maximum context length is 4096 tokens.", code: 400 }, "context_too_long"],
  [400, { type: "exceed_context_size_error", code: 400 }, "context_too_long"],
  [400, { message: "prompt is too long: 210000 tokens > 200000 maximum" }, "context_too_long"],
  [400, { message: "The input token count (9) exceeds the maximum number of tokens (8)." }, "context_too_long"],
])("status %i with %j is %s", (status, body, reason) => {
  expect(refused(status, body)).toMatchObject({ kind: "refused", reason });
});

test("a quota that is used up is mended by no waiting, though it comes as too many requests", () => {
  const body = { message: "You exceeded your current quota", type: "insufficient_quota", code: "insufficient_quota" };
  expect(refused(429, body)).toMatchObject({ reason: "refused", detail: "429 insufficient_quota" });
});

test.each([
  [{ error: { code: 502, message: "Provider disconnected" } }, "overloaded"],
  [{ error: { code: "rate_limit_exceeded" } }, "rate_limited"],
  [{ error: { type: "server_error" } }, "overloaded"],
  [{ error: { type: "authentication_error" } }, "unauthorised"],
  [{ error: { code: "context_length_exceeded" } }, "context_too_long"],
  [{ error: { type: "invalid_request_error" } }, "refused"],
  [{ error: "out of memory" }, "overloaded"],
])("inside an answer, %j is %s", (body, reason) => {
  expect(refused(null, body)).toMatchObject({ reason });
});

test("of what a provider says only its codes are told on: the rest may quote a message, or a key", () => {
  const body = { message: "you wrote: my secret", code: "my secret is sk-1", type: "invalid_request_error" };
  expect(refused(400, body).detail).toBe("400 invalid_request_error");
  expect(refused(null, "my secret").detail).toBe("the provider named no reason");
});

test.each([
  [{ "retry-after": "7" }, 7000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after-ms": "250", "retry-after": "7" }, 250],
  [{ "retry-after": "Sun, 06 Nov 1994 08:50:00 GMT", date: "Sun, 06 Nov 1994 08:49:37 GMT" }, 23_000],
  [{ "retry-after": "Sun, 06 Nov 1994 08:49:00 GMT", date: "Sun, 06 Nov 1994 08:49:37 GMT" }, 0],
  [{ "retry-after": "Sun, 06 Nov 1994 08:50:00 GMT" }, null],
  [{ "retry-after": "soon", date: "Sun, 06 Nov 1994 08:49:37 GMT" }, null],
  [{ "retry-after": "-1" }, null],
  [{}, null],
])("%j asks for %j ms", (headers, expected) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(expected);
});
