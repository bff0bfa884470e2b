import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

const STEP = Buffer.alloc(1024 * 1024);

/**
 * Room of the volume that is kept back, so that a good worker can answer after a bad one has filled the disk. The file
 * has no name: it is held open alone, so nobody else can remove it, and it goes with this process.
 */
export function createReserve(directory: string) {
  let file: number | null = null;
  let held = 0;
  return {
    /** Holds so many bytes, or none; returns how many are held. Throws as the system does, and then holds none. */
    hold(bytes: number): number {
      if (bytes === held) return held;
      if (file !== null) closeSync(file);
      file = null;
      held = 0;
      if (bytes === 0) return 0;
      const name = join(directory, `.reserve-${randomUUID()}`); // one that nobody can have taken
      const opened = openSync(name, "wx", 0o600);
      unlinkSync(name);
      try {
        for (let written = 0; written < bytes; written += STEP.length) writeSync(opened, STEP);
        fsyncSync(opened);
      } catch (error) {
        closeSync(opened);
        throw error;
      }
      file = opened;
      held = bytes;
      return held;
    },
  };
}
