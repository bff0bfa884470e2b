import { expect, test } from "@jest/globals";
import type { Refusal, RefusalReason } from "../model/model.ts";
import { decideRetry } from "./retry.ts";

const refused = (reason: RefusalReason, retryAfterMs: number | null = null): Refusal => ({
  kind: "refused",
  reason,
  detail: "",
  retryAfterMs,
});

test("what time can mend is tried again, each time after twice the wait", () => {
  const delays = [0, 1, 2].map((retries) => decideRetry(refused("overloaded"), retries, 3, 0));
  expect(delays).toEqual([
    { kind: "retry", retry: 1, delayMs: 2000 },
    { kind: "retry", retry: 2, delayMs: 4000 },
    { kind: "retry", retry: 3, delayMs: 8000 },
  ]);
});

test("after the last retry it is given up, and at once where time mends nothing", () => {
  expect(decideRetry(refused("overloaded"), 3, 3, 0)).toEqual({ kind: "give up" });
  for (const reason of ["unauthorised", "context_too_long", "refused"] as const) {
    expect(decideRetry(refused(reason), 0, 3, 0)).toEqual({ kind: "give up" });
  }
});

test("a provider's hint is waited for, up to ten minutes; the own wait never passes five", () => {
  expect(decideRetry(refused("rate_limited", 30_000), 0, 3, 0)).toMatchObject({ delayMs: 30_000 });
  expect(decideRetry(refused("rate_limited", 3_600_000), 0, 3, 0)).toMatchObject({ delayMs: 600_000 });
  expect(decideRetry(refused("rate_limited", 10), 0, 3, 0)).toMatchObject({ delayMs: 2000 });
  expect(decideRetry(refused("timeout"), 20, 100, 0)).toMatchObject({ delayMs: 300_000 });
});

test("chats that failed together come back apart", () => {
  expect(decideRetry(refused("timeout"), 0, 3, 1)).toMatchObject({ delayMs: 1600 });
});
