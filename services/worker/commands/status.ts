import { isPaused } from "../../../shared/chat-state.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { inWords } from "../../../shared/duration.ts";
import { newestEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { isHalted, isOnHold, pendingRequest, wantedRevision } from "../../../shared/state.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import type { Command } from "./command.ts";

export const status: Command = {
  name: "status",
  about: "what runs, since when, and what waits",
  run({ db, now, task: { chatId, id } }) {
    const lines = [running(db, now), waiting(db, id, now), promoted(db, now), ...exceptions(db, chatId)];
    return { text: lines.filter((line) => line !== null).join("\n") };
  },
};

function running(db: Database, now: number): string | null {
  const worker = newestWorker(db);
  return worker && `${worker.revision} has run for ${inWords(now - (worker.readyAt ?? worker.at))}.`;
}

function waiting(db: Database, ownId: number, now: number): string {
  const query = `SELECT count(*) AS count, min(created_at) AS since FROM inbox INDEXED BY inbox_open
      WHERE status IN ('queued', 'in_progress', 'replying') AND kind = 'message' AND id <> ?`;
  const { count, since } = sql(db, query).get(ownId) as { count: number; since: number | null };
  if (since === null) return "No message waits.";
  return `${count === 1 ? "1 message waits" : `${count} messages wait`}, the oldest for ${inWords(now - since)}.`;
}

function promoted(db: Database, now: number): string | null {
  const newest = newestEvent(db, EventType.RevisionPromoted);
  return newest && `Last good: ${newest.payload.revision}, promoted ${inWords(now - newest.timestamp)} ago.`;
}

function exceptions(db: Database, chatId: number): (string | null)[] {
  const wanted = wantedRevision(db);
  const halted = wanted && isHalted(db, wanted) ? newestEvent(db, EventType.SupervisorHalted) : null;
  const asked = pendingRequest(db);
  return [
    asked && `A ${asked.kind} is asked for${asked.revision === null ? "" : `: ${asked.revision}`}.`,
    isOnHold(db) ? "On hold: nothing is restarted or rolled back by itself." : null,
    halted && `Halted: ${halted.payload.reason}.`,
    isPaused(db, chatId) ? "This chat is paused: /resume has me answer what I kept." : null,
  ];
}
