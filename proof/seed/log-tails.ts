import type { Chance } from "../crash-matrix/random.ts";

const CAUSES = [
  "TypeError: Cannot read properties of undefined (reading 'content')",
  "RangeError: Maximum call stack size exceeded",
  "Error: ENOSPC: no space left on device, write",
  "Error: Cannot find module './tools/search.ts'",
] as const;

/** The last lines of a worker that died: some of its work, and a stack. */
export function logTail(chance: Chance, at: number): string[] {
  const time = (back: number) => new Date(at - back * 100).toISOString();
  const work = Array.from({ length: 8 + chance.below(12) }, (_, line, all = 20) =>
    JSON.stringify({
      level: "info",
      time: time(all - line),
      service: "worker",
      msg: "message answered",
      task_id: line,
    }),
  );
  const frames = ["takeTurn", "takeTurns", "think", "answerTo", "attempt"];
  return [
    ...work,
    chance.oneOf(CAUSES),
    ...frames.map((name, line) => `    at ${name} (file:///app/services/worker/agent/loop.ts:${40 + line * 7}:12)`),
  ];
}
