import { expect, test } from "@jest/globals";
import { anotherMayAnswer } from "./fallback.ts";
import type { RefusalReason } from "./model.ts";

const may = (reason: RefusalReason) => anotherMayAnswer({ kind: "refused", reason, detail: "", retryAfterMs: null });

test.each(["unauthorised", "context_too_long", "refused", "malformed"] as const)(
  "what is %s to one model, another may answer",
  (reason) => expect(may(reason)).toBe(true),
);

test.each(["rate_limited", "overloaded", "timeout", "unreachable"] as const)(
  "what is %s is left to time, not to another model",
  (reason) => expect(may(reason)).toBe(false),
);
