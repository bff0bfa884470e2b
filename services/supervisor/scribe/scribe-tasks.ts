import { lstatSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Database } from "../../../shared/database.ts";
import { appendRows } from "./append-rows.ts";
import { lookAtRows } from "./look-at-rows.ts";
import { BUSY_MS, Damaged, type OpenFile, openSharedFile } from "./open-file.ts";
import { assertEventsTable, findAnchor, maxEventId, pastRows } from "./read-rows.ts";
import { createReserve } from "./reserve.ts";
import { foreignIn, prepareSchema, repairSchema } from "./schema-care.ts";
import type { Answer, Question, Unable } from "./scribe.ts";
import { toUnable } from "./unable.ts";

/** A SQLite database in WAL mode is up to so many files. */
const SUFFIXES = ["", "-wal", "-shm", "-journal"];

export type ScribeTasks = ReturnType<typeof createScribeTasks>;

/** Is told of each connection to the file, until `signal` aborts: then it is closed. */
export type FollowNews = (db: Database, signal: AbortSignal) => void;

/** What the scribe does. Each question is carried out at once; whatever is wrong with the file is an answer, too. */
export function createScribeTasks(path: string, follow: FollowNews = () => {}, busyMs = BUSY_MS) {
  let open: OpenFile | null = null;
  let closing = new AbortController();
  let isFollowed = false;
  const reserve = createReserve(dirname(path));

  function close(): void {
    closing.abort();
    open?.close();
    open = null;
  }

  function file(): Database {
    open?.assertSame();
    const db = open?.db ?? openAs("must exist");
    assertEventsTable(db);
    return db;
  }

  function openAs(presence: "must exist" | "may be new"): Database {
    close();
    open = openSharedFile(path, presence, busyMs);
    closing = new AbortController();
    isFollowed = false;
    return open.db;
  }

  function carryOut(question: Question): Exclude<Answer<Question["kind"]>, Unable> {
    switch (question.kind) {
      case "prepare": {
        const db = question.made === null ? openAs("may be new") : file();
        const made = prepareSchema(db, question.made);
        assertEventsTable(db);
        return { kind: "prepared", ...made, maxId: maxEventId(db) };
      }
      case "look":
        return look(file(), question);
      case "append":
        return { kind: "appended", ids: appendRows(file(), question) };
      case "find":
        return { kind: "found", index: findAnchor(file(), question.anchors) };
      case "past":
        return { kind: "page", rows: pastRows(file(), question.after), maxId: maxEventId(file()) };
      case "check":
        assertWhole(file());
        openAsAWorkerDoes();
        return { kind: "whole" };
      case "repair":
        return { kind: "repaired", foreign: repairSchema(file()) };
      case "replace":
        return { kind: "replaced", setAside: replace(question.setAside) };
      case "reserve":
        return { kind: "reserved", bytes: reserve.hold(question.bytes) };
    }
  }

  /** What is broken is told by SQLite either way, as an error or as a finding. */
  function assertWhole(db: Database): void {
    const found = String(db.pragma("quick_check(1)", { simple: true }));
    if (found !== "ok") throw new Damaged(`${path} is damaged: ${found}`);
  }

  /** What a connection keeps hides from it what whoever opens the file meets. */
  function openAsAWorkerDoes(): void {
    const { db, close: closeAgain } = openSharedFile(path, "must exist", busyMs);
    try {
      maxEventId(db);
    } finally {
      closeAgain();
    }
  }

  function look(db: Database, question: Question & { kind: "look" }) {
    const seen = { kind: "seen", ...lookAtRows(db, question), foreign: foreignIn(db, question.made) } as const;
    if (!isFollowed) follow(db, closing.signal);
    isFollowed = true;
    return seen;
  }

  /** Whatever lies there keeps its bytes, under another name. Done already counts as done: then only the new file is made. */
  function replace(setAside: string): string | null {
    close();
    const found = SUFFIXES.filter((suffix) => lstatSync(path + suffix, { throwIfNoEntry: false }));
    for (const suffix of found) renameSync(path + suffix, join(dirname(path), setAside + suffix));
    prepareSchema(openAs("may be new"), null);
    return found.length > 0 ? setAside : null;
  }

  return {
    answer(question: Question): Answer<Question["kind"]> {
      try {
        return carryOut(question);
      } catch (error) {
        const unable = toUnable(error);
        if (unable.trouble !== "locked") close(); // opened anew, it may be whole
        return unable;
      }
    },
    close,
  };
}
