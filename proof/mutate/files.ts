/** What `npm run mutate` changes unless it is given files: the decisions on which everything rests. */
export const FILES: readonly string[] = [
  "services/supervisor/decide.ts",
  "services/supervisor/verdict.ts",
  "services/supervisor/candidate.ts",
  "services/supervisor/crash-loop.ts",
  "services/supervisor/exits.ts",
  "services/supervisor/revisions.ts",
  "services/supervisor/incident-log.ts",
  "services/supervisor/heartbeat-watch.ts",
  "services/supervisor/worker-environment.ts",
  "shared/image-reference.ts",
];
