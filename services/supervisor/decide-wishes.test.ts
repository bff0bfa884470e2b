import { expect, test } from "@jest/globals";
import { decide } from "./decide.ts";
import {
  a,
  b,
  c,
  calm,
  candidate,
  check,
  d,
  deployRequest,
  ended,
  exitOf,
  gone,
  imageOf,
  NOW,
  rollbackRequest,
  running,
  starting,
  wanted,
  worker,
} from "./fake-observation.ts";
import { policy } from "./fake-system.ts";
import type { Observation } from "./observation.ts";
import type { Step } from "./step.ts";

/** What operators wish for is answered, good images are held, and a stop is carried out. */

type Row = readonly [sentence: string, seen: Observation, step: Step];

const wait: Step = { kind: "wait", until: null };
const paused = { ...running, state: { kind: "paused" } } as const;

const answers: Row[] = [
  [
    "a configured image that is new is taken up, before any wish is answered",
    { ...calm, configured: b, rollbackRequest, check, held: new Set() },
    { kind: "take up configured", revision: b },
  ],
  [
    "a rollback is answered, and images are held later",
    { ...calm, rollbackRequest, held: new Set() },
    { kind: "answer rollback", request: rollbackRequest },
  ],
  [
    "a rollback is answered also when an operator stopped the worker, or holds everything",
    { ...calm, rollbackRequest, stopped: true, onHold: true },
    { kind: "answer rollback", request: rollbackRequest },
  ],
  [
    "a deploy goes on towards its answer, and images are held later",
    { ...calm, deploy: candidate, held: new Set() },
    { kind: "start check", request: deployRequest, image: b },
  ],
  [
    "a check whose deploy is decided is removed, before the next wish is answered",
    { ...calm, check, rollbackRequest },
    { kind: "remove", containerId: "check-1", why: "its deploy is decided" },
  ],
  [
    "a check that is another deploy's is removed, and says nothing about this one",
    { ...calm, check: { ...check, requestId: 29, state: ended }, deploy: candidate },
    { kind: "remove", containerId: "check-1", why: "its deploy is decided" },
  ],
  [
    "a check that has ended well lets its deploy in",
    { ...calm, check: { ...check, state: { ...ended, exitCode: 0 } }, deploy: candidate },
    { kind: "accept deploy", request: deployRequest, image: b },
  ],
  [
    "while a deploy waits for its image the worker is kept running",
    { ...gone(calm), deploy: { ...candidate, image: null, pull: { kind: "running" } } },
    { kind: "start", revision: wanted },
  ],
  [
    "while an image is pulled, images are held",
    { ...calm, held: new Set(), deploy: { ...candidate, image: null, pull: { kind: "running" } } },
    { kind: "hold image", revision: a },
  ],
];

const four = [a, b, c, d];
const idsOf = (revisions: readonly { imageId: string }[]) => new Set(revisions.map(({ imageId }) => imageId));
const holding = { ...calm, good: four, present: idsOf(four), held: idsOf([a, b, c]) };

const images: Row[] = [
  [
    "the image that is wanted is held as soon as it runs, good or not",
    { ...starting, held: new Set() },
    { kind: "hold image", revision: a },
  ],
  ["the third good image is held", { ...holding, held: idsOf([a, b]) }, { kind: "hold image", revision: c }],
  ["the fourth is not", holding, wait],
  ["the newest that is missing is held first", { ...holding, held: new Set() }, { kind: "hold image", revision: a }],
  ["what is not here cannot be held", { ...holding, held: idsOf([a, b]), present: idsOf([a, b]) }, wait],
  [
    "once three newer ones are good, the fourth is let go",
    { ...holding, held: idsOf(four) },
    { kind: "let image go", imageId: d.imageId },
  ],
  [
    "what a rollback may need is not let go before the revision that runs has passed its probation",
    { ...holding, held: idsOf(four), promoted: false, rollback: null, worker: { ...worker, readyAt: NOW } },
    { kind: "wait", until: NOW + policy.probationMs },
  ],
  [
    "the image that is wanted is not let go, however many newer ones are good",
    { ...holding, good: [b, c, d], held: idsOf(four) },
    wait,
  ],
  [
    "an image that is not good any more is let go",
    { ...calm, held: idsOf([a, imageOf("bad")]) },
    { kind: "let image go", imageId: "sha256:bad" },
  ],
  [
    "what is missing is held before anything is let go",
    { ...holding, held: idsOf([b, c, d]) },
    { kind: "hold image", revision: a },
  ],
  [
    "images are held before an operator's stop is carried out",
    { ...holding, stopped: true, held: idsOf([a, b]) },
    { kind: "hold image", revision: c },
  ],
  [
    "good images are held also when nothing is wanted",
    { ...holding, wanted: null, held: idsOf([b, c]) },
    { kind: "hold image", revision: a },
  ],
];

const stop: Step = { kind: "stop worker", worker, cause: "asked", why: "an operator asked for it" };

const stopped: Row[] = [
  ["what an operator stops is stopped", { ...calm, stopped: true }, stop],
  ["also on hold, and when it is paused", { ...calm, stopped: true, onHold: true, container: paused }, stop],
  ["what an operator stopped stays stopped", { ...gone(calm, exitOf("asked")), stopped: true }, wait],
];

test.each([...answers, ...images, ...stopped])("%s", (_, seen, step) => {
  expect(decide(seen, policy)).toEqual(step);
});
