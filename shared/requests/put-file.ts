import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Readable for the other container's user, who is not root there, or is root without a capability; whatever the umask. */
const MODE = 0o644;

interface Contents {
  readonly name: string;
  readonly text: string;
  /** Whether a power cut, too, may not take it once this has returned. */
  readonly synced: boolean;
}

/**
 * Puts a whole file into a directory, in one step for whoever looks: written under a hidden name first, then renamed. A
 * file of that name is replaced. Throws what the operating system says, and then leaves nothing.
 */
export function putFile(directory: string, { name, text, synced }: Contents): void {
  const hidden = join(directory, `.${name}.tmp`);
  try {
    rmSync(hidden, { force: true }); // of somebody who was killed
    const file = openSync(hidden, "wx", MODE);
    try {
      fchmodSync(file, MODE);
      writeFileSync(file, text);
      if (synced) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(hidden, join(directory, name));
  } catch (error) {
    rmSync(hidden, { force: true });
    throw error;
  }
}
