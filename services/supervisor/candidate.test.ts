import { expect, test } from "@jest/globals";
import { CHECK_TIMEOUT_MS, considerDeploy, isRunning } from "./candidate.ts";
import {
  a,
  b,
  calm,
  candidate,
  check,
  deployRequest,
  ended,
  NOW,
  running,
  wanted,
  worker,
} from "./fake-observation.ts";
import type { Candidate, Observation } from "./observation.ts";
import type { Action } from "./step.ts";
import type { CheckContainer } from "./worker-runtime.ts";

const MEGABYTE = 1024 * 1024;
const missing: Candidate = { ...candidate, image: null };
const reject = (reason: string): Action => ({ kind: "reject deploy", request: deployRequest, reason });
const endedWith = (exitCode: number): CheckContainer => ({ ...check, state: { ...ended, exitCode } });
const begun = (ms: number, different: Partial<CheckContainer> = {}) => ({
  ...check,
  createdAt: NOW - ms,
  ...different,
});

type Row = readonly [sentence: string, deploy: Candidate, check: CheckContainer | null, step: Action | null];

const rows: Row[] = [
  ["an image that is not here is pulled", missing, null, { kind: "pull", reference: b.revision }],
  ["a pull that runs is waited for", { ...missing, pull: { kind: "running" } }, null, null],
  [
    "a pull that fails rejects the deploy, and says why",
    { ...missing, pull: { kind: "failed", reason: "the registry hangs" } },
    null,
    reject("no image is called worker:b here, and it cannot be pulled: the registry hangs"),
  ],
  [
    "an image that is here is not pulled, whatever became of an earlier pull",
    { ...candidate, pull: { kind: "failed", reason: "the registry hangs" } },
    null,
    { kind: "start check", request: deployRequest, image: b },
  ],
  ["what is running already is not deployed", { ...candidate, image: a }, null, reject("worker:a is running already")],
  ["nor checked to the end", { ...candidate, image: a }, endedWith(0), reject("worker:a is running already")],
  [
    "with less than 200 MB free the deploy is rejected",
    { ...candidate, freeBytes: 200 * MEGABYTE - 1 },
    null,
    reject("less than 200 MB are free on the state volume: free some space"),
  ],
  [
    "with 200 MB there is room",
    { ...candidate, freeBytes: 200 * MEGABYTE },
    null,
    { kind: "start check", request: deployRequest, image: b },
  ],
  [
    "a disk that fills while the check runs rejects the deploy, although the check went well",
    { ...candidate, freeBytes: 0 },
    endedWith(0),
    reject("less than 200 MB are free on the state volume: free some space"),
  ],
  ["a check that runs is waited for", candidate, check, null],
  [
    "a check that was created and never started is begun again",
    candidate,
    { ...check, state: { kind: "created", error: null } },
    { kind: "remove", containerId: check.id, why: "it was created and never started" },
  ],
  [
    "a check that somebody else stopped says nothing, and is begun again",
    candidate,
    { ...endedWith(137), signalled: true },
    { kind: "remove", containerId: check.id, why: "somebody else stopped it, which says nothing about the image" },
  ],
  [
    "what was checked is what runs: a tag that moved meanwhile is checked anew",
    candidate,
    { ...endedWith(0), imageId: "sha256:other" },
    { kind: "remove", containerId: check.id, why: "the tag means another image by now" },
  ],
  [
    "a check that ends with 0 lets the deploy in",
    candidate,
    endedWith(0),
    { kind: "accept deploy", request: deployRequest, image: b },
  ],
  [
    "a check that ends with anything else keeps it out",
    candidate,
    endedWith(78),
    { kind: "reject checked deploy", request: deployRequest, check: endedWith(78) },
  ],
  [
    "a check that has ended is late no more",
    candidate,
    { ...endedWith(0), createdAt: NOW - 10 * CHECK_TIMEOUT_MS },
    { kind: "accept deploy", request: deployRequest, image: b },
  ],
  [
    "a check that the engine cannot start keeps it out, in the engine's words",
    candidate,
    { ...check, state: { kind: "created", error: "exec: no such file" } },
    reject("exec: no such file"),
  ],
  ["a check may take a minute", candidate, begun(CHECK_TIMEOUT_MS - 1), null],
  ["and no longer", candidate, begun(CHECK_TIMEOUT_MS), reject("its check took longer than 60 s")],
];

test.each(rows)("%s", (_, deploy, check, step) => {
  expect(considerDeploy(deploy, check, calm)).toEqual(step);
});

const others: readonly (readonly [sentence: string, seen: Observation])[] = [
  ["that another is wanted instead of", { ...calm, wanted: { ...wanted, ...b } }],
  ["that nothing asks for any more", { ...calm, wanted: null }],
  ["whose container is gone", { ...calm, container: null }],
  ["whose worker has ended", { ...calm, container: { ...running, state: ended } }],
  ["whose worker is paused", { ...calm, container: { ...running, state: { kind: "paused" } } }],
  ["whose worker is still another's", { ...calm, worker: { ...worker, imageId: b.imageId } }],
  ["of which no worker is known", { ...calm, worker: null }],
  ["whose worker is not ready yet", { ...calm, worker: { ...worker, readyAt: null } }],
];

test("an image whose worker is wanted, up and ready is running", () => {
  expect(isRunning(a, calm)).toBe(true);
  expect(isRunning(b, calm)).toBe(false);
});

test.each(others)("an image %s is not running, so that a deploy of it is no empty wish", (_, seen) => {
  expect(isRunning(a, seen)).toBe(false);
});
