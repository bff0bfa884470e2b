import { type FSWatcher, watch } from "node:fs";
import { followingSignal, systemClock } from "../clock.ts";
import { type Answer, readAnswer } from "./answers.ts";
import { answersOf } from "./requests-directory.ts";

/** The net below the directory's events, which may be dropped, and cannot be had where the kernel has no watch left. */
const POLL_MS = 250;

/** The answer to a request, and again whenever more is known of it, until `signal` aborts. */
export async function* followAnswer(directory: string, id: string, signal: AbortSignal): AsyncGenerator<Answer> {
  for (let seen = ""; !signal.aborted; ) {
    const changed = followingSignal(signal);
    const watcher = watchAnswers(directory, changed.abort); // before the look, so that nothing comes between
    try {
      const answer = readAnswer(directory, id);
      const text = JSON.stringify(answer);
      if (answer !== null && text !== seen) {
        seen = text;
        yield answer;
      } else await systemClock.sleep(POLL_MS, changed.signal);
    } finally {
      watcher?.close();
      changed.unfollow();
    }
  }
}

function watchAnswers(directory: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(answersOf(directory), () => onChange());
    return watcher.on("error", () => watcher.close());
  } catch {
    return null; // the poll alone serves
  }
}
