import type { Bell } from "../bell.ts";
import type { SharedLog } from "./shared-log.ts";

/** Without news it is looked at so often: what is wrong with it is seen then. */
const LOOK_EVERY_MS = 2000;

/**
 * Turns with the shared file whenever something was recorded or came there, and tells then what has become of what was
 * asked, until `signal` aborts. Never rejects.
 *
 * @param tell called after each turn: what people see has its id by then, if the file takes rows at all
 */
export async function keepInTouch(
  shared: Pick<SharedLog, "turn">,
  { bell, tell }: { readonly bell: Bell; readonly tell: () => void },
  signal: AbortSignal,
): Promise<void> {
  signal.addEventListener("abort", bell.ring);
  while (!signal.aborted) {
    bell.hush();
    await shared.turn();
    tell();
    await bell.wait(LOOK_EVERY_MS);
  }
}
