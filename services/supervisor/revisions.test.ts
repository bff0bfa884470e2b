import { expect, test } from "@jest/globals";
import { a, b, c, d } from "./fake-observation.ts";
import { rollbackTarget, type Target } from "./revisions.ts";

const bad = { imageId: b.imageId, reason: "crash before it was ready" };
const all = new Set([a, b, c, d].map(({ imageId }) => imageId));
const calm = { present: all, incident: { rollbacks: [] } };
const to = (revision: typeof a): Target => ({ kind: "go back", to: revision });
const giveUp = (reason: string): Target => ({ kind: "give up", reason });
const noneLeft = giveUp("no good revision is left to go back to");
const failed = ({ imageId }: typeof a, failure: string | null) => ({ imageId, failure });

type Arguments = Parameters<typeof rollbackTarget>;
type Row = readonly [sentence: string, ...Arguments, target: Target];

const rows: Row[] = [
  ["the newest good revision is gone back to", bad, [c, a], calm, to(c)],
  ["not to the one that is bad, although it was good until now", bad, [b, a], calm, to(a)],
  ["nor to one whose image is gone", bad, [c, a], { ...calm, present: new Set([a.imageId]) }, to(a)],
  ["with none good there is nothing to go back to", bad, [], calm, noneLeft],
  ["nor with none but the bad one", bad, [b], calm, noneLeft],
  ["when nothing ran before, the newest good one it is", null, [a], calm, to(a)],
  [
    "a target that fails in another way than the one before is followed by the next",
    bad,
    [a],
    { ...calm, incident: { rollbacks: [failed(b, null), failed(c, "hang")] } },
    to(a),
  ],
  [
    "two targets that fail alike have a common cause",
    bad,
    [a],
    { ...calm, incident: { rollbacks: [failed(b, null), failed(c, bad.reason)] } },
    giveUp("two good revisions failed alike: crash before it was ready"),
  ],
  [
    "what was never a target may fail like one: it was not good, so that says nothing of a common cause",
    bad,
    [a],
    { ...calm, incident: { rollbacks: [failed(c, bad.reason)] } },
    to(a),
  ],
  [
    "a target that fails as it did before has no cause in common with another",
    bad,
    [a],
    { ...calm, incident: { rollbacks: [failed(b, null), failed(b, bad.reason)] } },
    to(a),
  ],
  [
    "after three the cause lies elsewhere",
    bad,
    [a],
    {
      ...calm,
      incident: { rollbacks: [failed(b, null), failed(c, "hang"), failed(d, "never ready")] },
    },
    giveUp("3 rollbacks did not help"),
  ],
];

test.each(rows)("%s", (_, from, good, engine, target) => {
  expect(rollbackTarget(from, good, engine)).toEqual(target);
});
