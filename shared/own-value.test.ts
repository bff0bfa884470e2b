import { expect, test } from "@jest/globals";
import { ownValue } from "./own-value.ts";
import { addTotals, NO_TOTALS, totalsOf } from "./totals.ts";

const NAMES = ["constructor", "__proto__", "toString", "hasOwnProperty"];

test.each(NAMES)("no table has anything under %s", (name) => {
  expect(ownValue({ known: 1 }, name)).toBeUndefined();
  expect(ownValue({ known: 1 }, "known")).toBe(1);
});

test.each(NAMES)("what is named %s is counted like anything else", (name) => {
  const events = [
    { eventType: "turn.completed", payload: { model: name, input_tokens: 3 } },
    { eventType: "turn.failed", payload: { model: name, error_class: name } },
    { eventType: "tool_call.completed", payload: { tool_name: name } },
    { eventType: "worker.exited", payload: { class: name } },
  ];
  const one = totalsOf(events, [name]);
  const stored = JSON.parse(JSON.stringify(one)) as typeof one;
  for (const totals of [addTotals(one, stored), addTotals(NO_TOTALS, addTotals(one, one))]) {
    expect(Object.entries(totals.models)).toEqual([[name, expect.objectContaining({ completed: 2, input_tokens: 6 })]]);
    expect(Object.entries(totals.models)[0]?.[1].errors).toEqual(Object.fromEntries([[name, 2]]));
    expect(Object.entries(totals.tools)).toEqual([[name, { completed: 2 }]]);
    expect(Object.entries(totals.exits)).toEqual([[name, 2]]);
    expect(Object.entries(totals.messages)).toEqual([[name, 2]]);
  }
});
