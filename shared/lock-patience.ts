/** How a connection waits for a lock that another process holds. */
export interface LockPatience {
  /** How often SQLite waits out its busy timeout before the wait is given up. */
  readonly tries: number;
  /** After each of them, so that whoever watches this process sees it wait. */
  readonly onWait: () => void;
}

/** By connection; one that is not in here waits out its busy timeout once. */
const patienceOf = new WeakMap<object, LockPatience>();

export function setLockPatience(db: object, patience: LockPatience): void {
  patienceOf.set(db, patience);
}

export function hasLockPatience(db: object): boolean {
  return patienceOf.has(db);
}

/**
 * Does what SQLite may refuse because another process holds a lock, again and again while the patience lasts. Of a
 * statement that is refused so nothing has happened; in a transaction that has begun with BEGIN IMMEDIATE, none is.
 */
export function waitingForLock<T>(db: object, ask: () => T): T {
  const patience = patienceOf.get(db);
  for (let tries = 1; ; tries += 1) {
    try {
      return ask();
    } catch (error) {
      if (!patience || tries >= patience.tries || !isLockHeld(error)) throw error;
      patience.onWait();
    }
  }
}

/** SQLITE_BUSY_SNAPSHOT is another thing: it comes at once, and waiting does not end it. */
function isLockHeld(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code);
  return code === "SQLITE_BUSY" || code === "SQLITE_BUSY_RECOVERY";
}
