import { join } from "node:path";
import { tryLock } from "../../../shared/database.ts";
import { ARCHIVE_LOCK_FILE } from "../../../shared/files.ts";
import { SetupError } from "../../../shared/setup-error.ts";

/** One at a time: a text that is being erased could else be copied to an archive behind the eraser's back. */
export function holdArchives(stateDir: string): { release(): void } {
  const lock = tryLock(join(stateDir, ARCHIVE_LOCK_FILE));
  if (lock) return lock;
  throw new SetupError(["Another lastgood archive or forget is running here: wait for its end."]);
}
