import type { Bell } from "../bell.ts";
import type { SharedLog } from "./shared-log.ts";

/** Without news it is looked at so often: what is wrong with it is seen then. */
const LOOK_EVERY_MS = 2000;

/** Turns with the shared file whenever something was recorded or came there, until `signal` aborts. Never rejects. */
export async function keepInTouch(shared: Pick<SharedLog, "turn">, bell: Bell, signal: AbortSignal): Promise<void> {
  signal.addEventListener("abort", bell.ring);
  while (!signal.aborted) {
    bell.hush();
    await shared.turn();
    await bell.wait(LOOK_EVERY_MS);
  }
}
