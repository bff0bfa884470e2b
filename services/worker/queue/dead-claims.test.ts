import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lastEvents, logEvent } from "../../../shared/event-log.ts";
import { fakeExit } from "../../../shared/fake-exit.ts";
import { acceptBatch } from "../../../shared/inbox.ts";
import type { ExitClass } from "../../../shared/payloads/supervisor-payloads.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../../../shared/temporary-database.ts";
import { complete, fail, type Task } from "./claims.ts";
import { DEAD_CLAIMS, releaseDeadClaims } from "./dead-claims.ts";
import { claimNext, claimNextControl } from "./temporary-claims.ts";

let temporary: TemporaryDatabase;
let worker: number;
let starts: number;
beforeEach(() => {
  temporary = temporaryDatabase();
  starts = 0;
  worker = startWorker();
});
afterEach(() => temporary.remove());

function startWorker() {
  starts += 1;
  const started = { role: "worker", pid: 1, version: "v", instance: `1.${starts}` } as const;
  return logEvent(temporary.db, null, "process.started", started);
}

/** The worker ends like this, and its successor takes over. Returns the exit's event. */
function die(as: ExitClass = "crash"): number {
  const exit = logEvent(
    temporary.db,
    null,
    "worker.exited",
    fakeExit({ instance: `1.${starts}`, process_id: worker, class: as }),
  );
  worker = startWorker();
  releaseDeadClaims(temporary.db, worker);
  return exit;
}

function queue(...chatIds: number[]) {
  const updates = chatIds.map((chatId, index) => {
    const updateId = 500 + index;
    return { updateId, chatId, messageId: index, text: `text ${index}`, messageDate: 0, status: "queued" as const };
  });
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates }, null);
}

function claim(): Task {
  const task = claimNext(temporary.db, worker);
  if (!task) throw new Error("nothing to claim");
  return task;
}
const chatsClaimed = () => {
  const chats: number[] = [];
  for (let task = claimNext(temporary.db, worker); task; task = claimNext(temporary.db, worker))
    chats.push(task.chatId);
  return chats;
};
const row = (id: number) => temporary.db.prepare("SELECT status, alone, error, text FROM inbox WHERE id = ?").get(id);

test("what was in hand at a crash runs alone from then on, one at a time, and nothing begins beside it", () => {
  queue(7, 8);
  claim();
  claim();
  die();
  const first = claim();
  expect(first.chatId).toBe(7);
  expect(claimNext(temporary.db, worker)).toBeNull();
  complete(temporary.db, first);
  expect(claim().chatId).toBe(8);
  expect(claimNext(temporary.db, worker)).toBeNull();
});

test("while a message runs alone, one of another chat that has just come does not begin beside it", () => {
  queue(7, 8);
  temporary.db.prepare("UPDATE inbox SET alone = 1 WHERE chat_id = 7").run();
  const alone = claim();
  expect(alone).toMatchObject({ chatId: 7, isAlone: true });
  expect(claimNext(temporary.db, worker)).toBeNull();
  complete(temporary.db, alone);
  expect(claim()).toMatchObject({ chatId: 8, isAlone: false });
});

test("a message that is to run alone waits until what is in hand has ended", () => {
  queue(7, 8);
  const innocent = claim();
  temporary.db.prepare("UPDATE inbox SET alone = 1 WHERE chat_id = 8").run();
  expect(claimNext(temporary.db, worker)).toBeNull();
  complete(temporary.db, innocent);
  expect(claim().chatId).toBe(8);
});

test("while one that is to run alone is not due, the others go on", () => {
  queue(7, 8);
  temporary.db.prepare("UPDATE inbox SET alone = 1, not_before = ? WHERE chat_id = 7").run(Date.now() + 60_000);
  expect(chatsClaimed()).toEqual([8]);
});

test("a crash at a message that ran alone sets it aside: its chat is told, it keeps its text, the others go on", () => {
  queue(7, 8);
  const poison = claim();
  const first = die();
  const again = claim();
  const second = die();
  expect(row(poison.id)).toEqual({ status: "replying", alone: 1, error: "set_aside", text: "text 0" });
  expect(lastEvents(temporary.db, 1)).toMatchObject([
    {
      parentId: again.agentId,
      eventType: "message.set_aside",
      payload: { task_id: poison.id, exits: [first, second] },
    },
  ]);
  const told = claim();
  expect(told).toMatchObject({ id: poison.id, stored: true });
  fail(temporary.db, told, { error: "set_aside", errorClass: "set_aside" });
  expect(row(poison.id)).toMatchObject({ status: "set_aside", text: "text 0" });
  expect(chatsClaimed()).toEqual([8]);
});

test("of several that were in hand at a crash none is set aside, not even one that was to run alone", () => {
  queue(7, 8);
  const [one, other] = [claim(), claim()];
  temporary.db.prepare("UPDATE inbox SET alone = 1 WHERE id = ?").run(one.id);
  die();
  for (const { id } of [one, other]) expect(row(id)).toMatchObject({ status: "queued", alone: 1, error: null });
});
test.each<ExitClass>(["hang", "out of memory"])(
  "a message at which a worker ended as %s runs alone, too, and is set aside the second time",
  (as) => {
    queue(7, 8);
    claim();
    claim();
    const first = die(as);
    expect(claim()).toMatchObject({ chatId: 7, isAlone: true });
    expect(claimNext(temporary.db, worker)).toBeNull();
    const second = die(as);
    expect(lastEvents(temporary.db, 1)).toMatchObject([
      { eventType: "message.set_aside", payload: { exits: [first, second] } },
    ]);
  },
);

test("a command in hand beside a message that ran alone does not keep that message from being set aside", () => {
  queue(7);
  const command = { updateId: 900, chatId: 8, messageId: 1, text: "/status", messageDate: 0, kind: "command" as const };
  acceptBatch(temporary.db, { botId: 42, offsetSent: 0, updates: [{ ...command, status: "queued" }] }, null);
  temporary.db.prepare("UPDATE inbox SET alone = 1 WHERE chat_id = 7").run();
  const poison = claim();
  const beside = claimNextControl(temporary.db, worker);
  die();
  expect(row(poison.id)).toMatchObject({ status: "replying", error: "set_aside" });
  expect(row(beside?.id ?? 0)).toMatchObject({ status: "queued", alone: 0, error: null });
});

test("what an earlier worker left in hand is no company to a message that ran alone in the next one", () => {
  queue(7, 8);
  claim();
  logEvent(temporary.db, null, "worker.exited", fakeExit({ instance: `1.${starts}`, class: "asked" }));
  worker = startWorker();
  const poison = claim();
  temporary.db.prepare("UPDATE inbox SET alone = 1 WHERE id = ?").run(poison.id);
  die();
  expect(row(poison.id)).toMatchObject({ status: "replying", error: "set_aside" });
});

test("a worker that dies while it tells of it tells again, and sets nothing aside twice", () => {
  queue(7);
  for (let deaths = 0; deaths < 3; deaths += 1) {
    claim();
    die();
  }
  const told = "SELECT count(*) FROM events WHERE event_type = 'message.set_aside'";
  expect(temporary.db.prepare(told).pluck().get()).toBe(1);
  expect(claim()).toMatchObject({ stored: true });
});

test.each<ExitClass>(["asked", "stopped from outside", "removed", "host went away", "configuration", "upstream"])(
  "an exit that is nobody's fault here (%s) holds nothing against what was in hand",
  (exitClass) => {
    queue(7, 8);
    claim();
    die(exitClass);
    expect(chatsClaimed()).toEqual([7, 8]);
  },
);

function spawn(instance: string) {
  const spawned = { instance, revision: "worker:a", image_id: "sha256:a", container_id: "c", pid: 1 };
  return logEvent(temporary.db, null, "worker.spawned", spawned);
}
const holders = () => temporary.db.prepare("SELECT locked_by FROM inbox ORDER BY id").pluck().all();

test("of an older worker whose exit never came, and of a process that nobody spawned, all is taken over at once", () => {
  queue(7, 8, 9);
  spawn("1.1");
  claim();
  const check = logEvent(temporary.db, null, "process.started", {
    role: "worker",
    pid: 1,
    version: "v",
    instance: "check.8",
  });
  claimNext(temporary.db, check);
  claimNext(temporary.db, logEvent(temporary.db, check, "worker.ready", { poll_ms: 1 }));
  const mine = startWorker();
  expect(releaseDeadClaims(temporary.db, mine)).toBe(2); // 1.1 may live, for all that is known
  spawn(`1.${starts}`);
  expect(releaseDeadClaims(temporary.db, mine)).toBe(1);
  expect(holders()).toEqual([null, null, null]);
  const closed = "SELECT count(*) FROM events WHERE event_type = 'agent.failed'";
  expect(temporary.db.prepare(closed).pluck().get()).toBe(3);
});

test("what this worker and the newest that was spawned have in hand stays theirs", () => {
  queue(7, 8);
  spawn("1.1");
  claim();
  const another = startWorker();
  claimNext(temporary.db, another);
  expect(releaseDeadClaims(temporary.db, another)).toBe(0);
  expect(holders()).toEqual([worker, another]);
});

test("what dead workers had in hand is found without a walk over the log", () => {
  const plan = temporary.db.prepare(`EXPLAIN QUERY PLAN ${DEAD_CLAIMS}`).all({ processId: 1 }) as { detail: string }[];
  const steps = plan.map(({ detail }) => detail).filter((step) => /^(SCAN|SEARCH)/.test(step));
  expect(
    steps.filter(
      (step) =>
        !/INDEX inbox_in_hand|INTEGER PRIMARY KEY|INDEX exits_by_instance|INDEX events_by_type \(event_type=\?\)$/.test(
          step,
        ),
    ),
  ).toEqual([]);
});
