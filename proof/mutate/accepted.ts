import type { Mutant } from "./mutants.ts";

/** A change that no test needs to notice, and why. The line's text finds it again, so code may move. */
export interface Accepted extends Pick<Mutant, "path" | "lineText" | "change"> {
  readonly reason: string;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    path: "services/worker/queue/dead-claims.ts",
    lineText: 'const isSuspect = claim.kind === "message" && CRASHES.includes(claim.exitClass ?? "");',
    change: 'claim.exitClass ?? "" → claim.exitClass',
    reason: "null is no crash either; the text is there for the type",
  },
  {
    path: "services/worker/queue/dead-claims.ts",
    lineText: "logEvent(db, attempts.at(-1)?.agentId ?? null, EventType.MessageSetAside, { task_id: id, exits });",
    change: "attempts.at(-1)?.agentId ?? null → attempts.at(-1)?.agentId",
    reason: "a message that is set aside has crashed an attempt; that there is one is for the type",
  },
  {
    path: "services/worker/queue/retries.ts",
    lineText:
      'log.warn({ event_id: task.agentId, task_id: task.id, reason: refusal.reason, ...next }, "message tried again later");',
    change:
      'drop log.warn({ event_id: task.agentId, task_id: task.id, reason: refusal.reason, ...next }, "message tried again later");',
    reason: "a line for whoever reads along; the event beside it says the same, and is tested",
  },
  {
    path: "shared/state.ts",
    lineText: "if (rollback && rollback.id > (deploy?.id ?? 0)) {",
    change: "rollback.id > (deploy?.id ?? 0) → rollback.id >= (deploy?.id ?? 0)",
    reason: "no two events have one id",
  },
  {
    path: "shared/state.ts",
    lineText: "if (rollback && rollback.id > (deploy?.id ?? 0)) {",
    change: "0 → 1",
    reason: "the first event of a log is a start, never a rollback",
  },
  {
    path: "shared/state.ts",
    lineText: "return goodRevisions(db, 1)[0] ?? null;",
    change: "1 → 2",
    reason: "of two the first is the same one",
  },
  {
    path: "shared/state.ts",
    lineText: "const promotions = newestEvents(db, EventType.RevisionPromoted, 20, accepted.eventId);",
    change: "20 → 40",
    reason: "while one revision is wanted no other is promoted; the number only keeps the walk short",
  },
  {
    path: "shared/state.ts",
    lineText: "const promotions = newestEvents(db, EventType.RevisionPromoted, 20, accepted.eventId);",
    change: "20 → 10",
    reason: "while one revision is wanted no other is promoted; the number only keeps the walk short",
  },
];

export function isAccepted(mutant: Mutant): boolean {
  return ACCEPTED.some((accepted) => isSame(accepted, mutant));
}

/** Those about these files that fit no change of them any more. */
export function findStale(mutants: readonly Mutant[], paths: readonly string[]): Accepted[] {
  return ACCEPTED.filter(
    (accepted) => paths.includes(accepted.path) && !mutants.some((mutant) => isSame(accepted, mutant)),
  );
}

function isSame(accepted: Accepted, mutant: Mutant): boolean {
  return accepted.path === mutant.path && accepted.lineText === mutant.lineText && accepted.change === mutant.change;
}
