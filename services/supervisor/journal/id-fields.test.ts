import { expect, test } from "@jest/globals";
import type { EventType } from "../../../shared/event-types.ts";
import { PAYLOAD_SHAPES } from "../../../shared/payloads/payload-shapes.ts";
import { ID_FIELDS, translated } from "./id-fields.ts";

/** What the supervisor records, or takes from a worker: all that is ever in its journal. */
const OF_THE_JOURNAL: readonly EventType[] = [
  ...(["process.started", "worker.ready", "upstream.unavailable", "upstream.available"] as const),
  ...(["worker.spawned", "worker.stopping", "worker.exited", "restart.scheduled", "crash_loop.detected"] as const),
  ...(["revision.quarantined", "revision.promoted", "supervisor.halted", "alert.sent", "message.set_aside"] as const),
  ...(["rollback.started", "rollback.attempted", "rollback.rejected"] as const),
  ...(["deploy.started", "deploy.rejected", "deploy.failed"] as const),
  ...(["docker.unavailable", "docker.available", "schema.made", "state.repaired", "state.replaced"] as const),
  ...(["deploy.requested", "rollback.requested", "stop.requested", "start.requested"] as const),
  ...(["hold.requested", "unhold.requested", "cancel.requested"] as const),
];

/** Of an engine, of Telegram, of a message: no event has these. */
const OF_SOMETHING_ELSE = new Set(["container_id", "image_id", "bot_id", "chat_id", "task_id", "spool_id", "pid"]);
const MAY_NAME_AN_EVENT = /(^|_)(id|ids|exits|about|by)$/;
/** Who asked, in words. */
const isWords = (field: string, kind: string) => field === "by" && kind.startsWith("text");

test.each(OF_THE_JOURNAL)("every field of %s that names an event is translated", (type) => {
  const shape = Object.entries(PAYLOAD_SHAPES[type] as Readonly<Record<string, string>>);
  const named = shape
    .filter(([field, kind]) => MAY_NAME_AN_EVENT.test(field) && !OF_SOMETHING_ELSE.has(field) && !isWords(field, kind))
    .map(([field]) => field);
  expect([...(ID_FIELDS[type] ?? [])].sort()).toEqual(named.sort());
});

test("nothing is translated of events that are never in the journal", () => {
  expect(Object.keys(ID_FIELDS).filter((type) => !OF_THE_JOURNAL.includes(type as EventType))).toEqual([]);
});

const twice = (id: number) => (id === 9 ? null : id * 2);

test("ids become those of the other file, also in lists; one that has none there is left out", () => {
  expect(translated("worker.exited", { process_id: 4, exit_code: 4 }, twice)).toEqual({ process_id: 8, exit_code: 4 });
  expect(translated("worker.exited", { process_id: null }, twice)).toEqual({ process_id: null });
  expect(translated("worker.exited", { process_id: 9 }, twice)).toEqual({ process_id: null });
  expect(translated("crash_loop.detected", { exits: [1, 9, 3], threshold: 3 }, twice)).toEqual({
    ...{ exits: [2, 6], threshold: 3 },
  });
  expect(translated("no such type", { request_id: 4 }, twice)).toEqual({ request_id: 4 });
});

test("where a row came from is told to nobody else", () => {
  const stored = { by: "op", spool_id: "01", claim: { id: 1, at: 2 } };
  expect(translated("stop.requested", stored, twice)).toEqual({ by: "op" });
});
