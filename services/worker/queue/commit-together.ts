import { type Database, inTransaction } from "../../../shared/database.ts";

interface Waiting {
  /** Does the work, and returns how to tell of it once the transaction has ended. */
  readonly run: () => () => void;
  readonly reject: (error: unknown) => void;
}

const waiting = new WeakMap<Database, Waiting[]>();

/**
 * Does `work` in a transaction that everything shares which is to be written in this turn of the event loop, in the
 * order of the calls: a commit costs as much as ten appends. Resolves with what `work` returned once that is committed.
 * Work that throws leaves nothing, and rejects alone.
 */
export function commitTogether<T>(db: Database, work: () => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const run = () => {
    try {
      const result = inTransaction(db, work);
      return () => resolve(result);
    } catch (error) {
      return () => reject(error);
    }
  };
  const others = waiting.get(db);
  if (others) others.push({ run, reject });
  else {
    waiting.set(db, [{ run, reject }]);
    setImmediate(commit, db);
  }
  return promise;
}

function commit(db: Database): void {
  const batch = waiting.get(db) ?? [];
  waiting.delete(db);
  try {
    const tell = inTransaction(db, () => batch.map(({ run }) => run()));
    for (const one of tell) one();
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
