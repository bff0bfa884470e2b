import { lstatSync, readdirSync, statfsSync } from "node:fs";

/** In STATE_DIR: the three tables. */
export const DATABASE_FILE = "lastgood.db";

/** In STATE_DIR: the worker touches it while it makes progress, the supervisor reads its mtime. */
export const HEARTBEAT_FILE = "heartbeat";

/** In OWN_DIR: the supervisor's journal, and which of its rows the three tables have. */
export const JOURNAL_FILE = "journal.db";
export const LEDGER_FILE = "mirror.db";

/** In OWN_DIR: locked by the one supervisor for as long as it lives. */
export const SUPERVISOR_LOCK_FILE = "supervisor.lock";

/** When a file was last touched, in Unix milliseconds; null when it does not exist. */
export function mtimeOf(file: string): number | null {
  return lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** How much room an unprivileged process has left on a directory's file system, in bytes. */
export function bytesFreeAt(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** In STATE_DIR: locked by whoever moves messages into archives, or erases text in them. */
export const ARCHIVE_LOCK_FILE = "archive.lock";

/** In STATE_DIR: the messages that ended in a month, as "archive-2026-01.db"; by Unix milliseconds, in UTC. */
export function archiveFileOf(endedAt: number): string {
  return `archive-${new Date(endedAt).toISOString().slice(0, 7)}.db`;
}

/** The archives of a directory, oldest first. */
export function archivesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /^archive-\d{4}-\d{2}\.db$/.test(name))
    .sort();
}

const OWN_FILE =
  /^((lastgood|journal|mirror)\.db|local-telegram\.db|archive-\d{4}-\d{2}\.db|before-restore-.*\.db|damaged-.*\.db|\w+\.lock|heartbeat)(-wal|-shm|-journal)?$/;

/** Whether a file of this name in STATE_DIR or OWN_DIR is in use, or holds what is nowhere else: nothing else may take its place. */
export function isOwnFile(name: string): boolean {
  return OWN_FILE.test(name);
}

/** Whole copies of the database in a directory: what a restore or the supervisor put aside, and what a killed backup left. */
export function copiesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => /^(before-restore|damaged)-.*\.db$|\.part$/.test(name))
    .sort();
}
