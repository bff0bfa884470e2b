import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../shared/event-log.ts";
import { EventType } from "../../shared/event-types.ts";
import { type Revision, wantedRevision } from "../../shared/state.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../shared/temporary-database.ts";
import { a, b, c, d, imageOf } from "./fake-observation.ts";
import { incidentSoFar, predecessorPolled } from "./incident-log.ts";

let temporary: TemporaryDatabase;
beforeEach(() => {
  temporary = temporaryDatabase();
});
afterEach(() => temporary.remove());

function named({ revision, imageId }: Revision) {
  return { revision, image_id: imageId };
}

const deploy = (image: Revision) =>
  logEvent(temporary.db, null, EventType.DeployStarted, { ...named(image), request_id: null, reason: "configured" });
const promote = (image: Revision) =>
  logEvent(temporary.db, null, EventType.RevisionPromoted, {
    ...named(image),
    evidence: { ready_seconds: 60, instance: "1.1" },
  });
const condemn = (image: Revision, reason: string) =>
  logEvent(temporary.db, null, EventType.RevisionQuarantined, { ...named(image), reason });
const goBackTo = (image: Revision, requestId: number | null = null) =>
  logEvent(temporary.db, null, EventType.RollbackStarted, {
    target_revision: image.revision,
    image_id: image.imageId,
    from_revision: "worker:x",
    reason: "it crashed",
    request_id: requestId,
  });
const exit = (image: Revision, readySeconds: number | null) =>
  logEvent(temporary.db, null, EventType.WorkerExited, {
    ...named(image),
    instance: "1.1",
    process_id: null,
    class: "asked",
    exit_code: 0,
    signal: null,
    oom: false,
    uptime_seconds: 100,
    ready_seconds: readySeconds,
    error: null,
    log_tail: [],
  });

const rollbacks = () => incidentSoFar(temporary.db).rollbacks;
const rollback = (image: Revision, failure: string | null = null) => ({ imageId: image.imageId, failure });

test("an empty log has no incident", () => {
  expect(rollbacks()).toEqual([]);
});

test("the rollbacks of an incident are told newest first, each with why its target was given up", () => {
  deploy(d);
  condemn(d, "it crashed");
  goBackTo(c);
  condemn(c, "it hung");
  goBackTo(b);
  expect(rollbacks()).toEqual([rollback(b), rollback(c, "it hung")]);
});

test("a target that was given up before the incident has not failed in it", () => {
  condemn(c, "it crashed a year ago");
  deploy(d);
  goBackTo(c);
  expect(rollbacks()).toEqual([rollback(c)]);
});

test("of a target that is given up twice, the first time is the one after its rollback", () => {
  deploy(d);
  goBackTo(c);
  condemn(c, "it crashed");
  condemn(c, "its probe crashed, too");
  expect(rollbacks()).toEqual([rollback(c, "it crashed")]);
});

test("a probation that is passed ends an incident", () => {
  deploy(d);
  goBackTo(c);
  promote(c);
  expect(rollbacks()).toEqual([]);
  goBackTo(b);
  expect(rollbacks()).toEqual([rollback(b)]);
});

test("a deploy ends an incident: it is another choice", () => {
  promote(a);
  goBackTo(c);
  deploy(d);
  expect(rollbacks()).toEqual([]);
});

test("an operator's own rollback ends an incident, and is none of its rollbacks", () => {
  deploy(d);
  goBackTo(c);
  goBackTo(b, 99);
  expect(rollbacks()).toEqual([]);
  goBackTo(a);
  expect(rollbacks()).toEqual([rollback(a)]);
});

test("of an operator's rollbacks the newest is the one that ends it", () => {
  goBackTo(a, 98);
  goBackTo(c);
  goBackTo(b, 99);
  expect(rollbacks()).toEqual([]);
});

test("so many rollbacks are seen that no budget of theirs is mistaken for being left", () => {
  deploy(d);
  const targets = ["e", "f", "g", "h"].map(imageOf);
  for (const target of targets) goBackTo(target);
  expect(rollbacks()).toEqual(targets.toReversed().map((target) => rollback(target)));
});

/** Whether the worker that made room for the newest wanted revision had been polling. */
function polledBefore(): boolean {
  const wanted = wantedRevision(temporary.db);
  if (!wanted) throw new Error("nothing is wanted");
  return predecessorPolled(temporary.db, wanted);
}

test("a predecessor that was ready when it made room had been polling", () => {
  deploy(b);
  exit(a, 0);
  expect(polledBefore()).toBe(true);
});

test("one that was not ready had not, and where there was none, none had", () => {
  deploy(b);
  expect(polledBefore()).toBe(false);
  exit(a, null);
  expect(polledBefore()).toBe(false);
});

test("what another worker did before, or the revision itself since, says nothing of the predecessor", () => {
  exit(a, 100);
  deploy(b);
  exit(b, 100);
  expect(polledBefore()).toBe(false);
});

test("only the first exit of another revision since is the predecessor's", () => {
  deploy(b);
  exit(a, null);
  exit(c, 100);
  expect(polledBefore()).toBe(false);
});
