import type { Database } from "../../../shared/database.ts";
import { claimControls, claimMessages, type Task } from "./claims.ts";

/** For tests: one at a time. */

export function claimNext(db: Database, processId: number): Task | null {
  return claimMessages(db, processId, { most: 1 })[0] ?? null;
}

export function claimNextControl(db: Database, processId: number): Task | null {
  return claimControls(db, processId, { most: 1 })[0] ?? null;
}
