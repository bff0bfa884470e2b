import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../event-log.ts";
import { EventType } from "../event-types.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../temporary-database.ts";
import { answerFromLog } from "./answer-from-log.ts";
import { type Answer, MAX_ANSWER_BYTES, pruneAnswers, readAnswer, refusal, writeAnswer } from "./answers.ts";
import { createFakeSupervisor } from "./fake-supervisor.ts";
import { putRequest } from "./put-request.ts";
import { answersOf } from "./requests-directory.ts";
import { readRequests } from "./take-requests.ts";
import { temporaryRequests } from "./temporary-requests.ts";

let log: TemporaryDatabase;
let requests: ReturnType<typeof temporaryRequests>;
beforeEach(() => {
  log = temporaryDatabase();
  requests = temporaryRequests();
});
afterEach(() => {
  requests.remove();
  log.remove();
});

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const DAY_MS = 86_400_000;
const place = (name = `${ID}.json`) => join(answersOf(requests.directory), name);
const by = { by: "op@server", from: "cli" } as const;
const b = { revision: "worker:b", image_id: "sha256:b" };
const recordedDeploy = () => logEvent(log.db, null, EventType.DeployRequested, { ...by, revision: "worker:b" });
const answer = (events: Answer["events"] = []): Answer => ({
  requestId: 7,
  eventId: null,
  kind: "deploy",
  events,
  decided: false,
});
const event = (id: number, reason = "") => ({
  id,
  timestamp: 1,
  parentId: null,
  eventType: "docker.unavailable",
  payload: { reason },
});

test("an answer is read as it was written, and the next takes its place in one step", () => {
  writeAnswer(requests.directory, ID, answer());
  expect(readAnswer(requests.directory, ID)).toEqual(answer());
  const next = { ...answer([event(8)]), eventId: 1007, lastProbationSeconds: 60.5, quarantinedBefore: "crash loop" };
  writeAnswer(requests.directory, ID, next);
  expect(readAnswer(requests.directory, ID)).toEqual(next);
  expect(readdirSync(answersOf(requests.directory))).toEqual([`${ID}.json`]);
  expect(statSync(place()).mode & 0o777).toBe(0o644);
});

test("an answer is written also where a writer was killed before", () => {
  writeFileSync(place(`.${ID}.json.tmp`), "half");
  writeAnswer(requests.directory, ID, answer());
  expect(readAnswer(requests.directory, ID)).toEqual(answer());
});

test("of too many events the first and the last are kept, in their order", () => {
  const events = Array.from({ length: 400 }, (_, at) => event(8 + at, "x".repeat(2_000)));
  writeAnswer(requests.directory, ID, answer(events));
  const kept = readAnswer(requests.directory, ID)?.events.map(({ id }) => id) ?? [];
  expect([kept[0], kept.at(-1)]).toEqual([8, 407]);
  expect(kept).toEqual(kept.toSorted((one, other) => one - other));
  expect(statSync(place()).size).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
});

test("what is no answer is none", () => {
  expect(readAnswer(requests.directory, ID)).toBeNull();
  for (const text of [
    "",
    "null",
    "{",
    JSON.stringify({ ...answer(), events: [{}] }),
    " ".repeat(MAX_ANSWER_BYTES + 1),
  ]) {
    writeFileSync(place(), text);
    expect(readAnswer(requests.directory, ID)).toBeNull();
  }
  symlinkSync(place(), place("01ARZ3NDEKTSV4RRFFQ69G5FAW.json"));
  writeAnswer(requests.directory, ID, answer());
  expect(readAnswer(requests.directory, "01ARZ3NDEKTSV4RRFFQ69G5FAW")).toBeNull();
});

test("answers of yesterday go, and the oldest of more than a thousand; the supervisor's view stays", () => {
  const now = Date.now();
  const name = (number: number) => `01ARZ3NDEKTSV4RRFFQ69${String(number).padStart(5, "0")}.json`;
  for (let number = 0; number < 1003; number++) {
    writeFileSync(place(name(number)), "");
    utimesSync(place(name(number)), now / 1000, (now - 5000 + number) / 1000);
  }
  writeFileSync(place("supervisor.json"), "");
  utimesSync(place("supervisor.json"), 0, 0);
  pruneAnswers(requests.directory, now);
  const left = readdirSync(answersOf(requests.directory)).sort();
  expect(left).toHaveLength(1001);
  expect([left[0], left.at(-2), left.at(-1)]).toEqual([name(3), name(1002), "supervisor.json"]);
  utimesSync(place(name(7)), 0, (now - DAY_MS - 1000) / 1000);
  pruneAnswers(requests.directory, now);
  expect(left.filter((kept) => !existsSync(place(kept)))).toEqual([name(7)]);
});

test("the log tells what has become of a request, with what came after it, and whether that decides it", () => {
  const requestId = recordedDeploy();
  expect(answerFromLog(log.db, requestId, null)).toEqual({ ...answer(), requestId });
  logEvent(log.db, null, EventType.DeployStarted, { ...b, request_id: requestId, reason: "requested" });
  const evidence = { ready_seconds: 61, instance: "1.1" };
  expect(answerFromLog(log.db, requestId, 9)).toMatchObject({ eventId: 9, decided: false, events: [{ id: 2 }] });
  logEvent(log.db, null, EventType.RevisionPromoted, { ...b, evidence });
  expect(answerFromLog(log.db, requestId, 9)).toMatchObject({ decided: true, events: [{ id: 2 }, { id: 3 }] });
});

test("a probation before, and why the image was quarantined before it was asked for, are told with it", () => {
  logEvent(log.db, null, EventType.RevisionPromoted, { ...b, evidence: { ready_seconds: 61, instance: "1.1" } });
  logEvent(log.db, null, EventType.RevisionQuarantined, { ...b, reason: "crash loop" });
  const requestId = recordedDeploy();
  logEvent(log.db, null, EventType.DeployStarted, { ...b, request_id: requestId, reason: "requested" });
  logEvent(log.db, null, EventType.RevisionQuarantined, { ...b, reason: "again" });
  logEvent(log.db, null, EventType.RevisionPromoted, { ...b, evidence: { ready_seconds: 5, instance: "1.2" } });
  expect(answerFromLog(log.db, requestId, null)).toMatchObject({
    lastProbationSeconds: 61,
    quarantinedBefore: "crash loop",
  });
});

test("a wish is decided once it is recorded, and what is no request has no answer", () => {
  const requestId = logEvent(log.db, null, EventType.HoldRequested, by);
  logEvent(log.db, null, EventType.DockerUnavailable, { reason: "away" });
  expect(answerFromLog(log.db, requestId, 3)).toEqual({
    requestId,
    eventId: 3,
    kind: "hold",
    events: [],
    decided: true,
  });
  expect(answerFromLog(log.db, requestId + 1, 4)).toBeNull();
  expect(answerFromLog(log.db, 99, 4)).toBeNull();
});

test("of thousands of events an answer has the first and the last", () => {
  const requestId = recordedDeploy();
  for (let count = 0; count < 1200; count++) logEvent(log.db, null, EventType.DockerUnavailable, { reason: "away" });
  logEvent(log.db, null, EventType.DeployRejected, { request_id: requestId, revision: "worker:b", reason: "none" });
  const told = answerFromLog(log.db, requestId, null);
  expect([told?.decided, told?.events.length, told?.events[0]?.id, told?.events.at(-1)?.id]).toEqual([
    true,
    500,
    2,
    1202,
  ]);
});

test("a supervisor takes each request once, also when it was killed before it removed the file", () => {
  const supervisor = createFakeSupervisor(requests.directory, log.db, (id) => id + 1000);
  const id = putRequest(requests.directory, { type: "stop.requested", payload: by });
  writeFileSync(join(requests.directory, "in", `${ID}.json`), "what is no request");
  logEvent(log.db, null, EventType.StopRequested, { ...by, spool_id: id });
  supervisor.look();
  supervisor.look();
  expect(log.db.prepare("SELECT count(*) FROM events").pluck().get()).toBe(1);
  expect(readRequests(requests.directory)).toEqual([]);
  expect(readAnswer(requests.directory, id)).toMatchObject({ requestId: 1, eventId: 1001, decided: true });
  expect(readAnswer(requests.directory, ID)).toEqual(refusal("it is no JSON"));
});

test("a directory in an answer's place is no answer", () => {
  mkdirSync(place());
  expect(readAnswer(requests.directory, ID)).toBeNull();
});
