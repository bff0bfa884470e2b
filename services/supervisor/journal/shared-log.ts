import type { Clock } from "../../../shared/clock.ts";
import { newestEventId } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import type { Answer, Scribe, Unable } from "../scribe/scribe.ts";
import type { SchemaMade } from "../scribe/shared-file.ts";
import { toUnable } from "../scribe/unable.ts";
import { createClaimTaker } from "./claim-taker.ts";
import { anchorOf, findPlace, newestOwn } from "./find-place.ts";
import { type ImportPorts, importPast } from "./import-past.ts";
import { createMirror } from "./mirror.ts";
import { createReplacements } from "./replaced-in-vain.ts";
import { restoredAt, schemaMade } from "./restored.ts";
import type { SharedFileSeen, Trouble } from "./shared-file-seen.ts";
import type { ClaimPorts } from "./take-claims.ts";

/** The shared file, reached through the scribe alone. Nothing here rejects, but `begin` as it says. */
export interface SharedLog {
  /**
   * Makes the file, or brings it up to date, and fills a journal that has nothing yet. Resolves with whether that is
   * done. Rejects with a SetupError when the file is of a newer generation, and this journal never made one.
   */
  begin(): Promise<boolean>;
  /** Rows out, claims in, and a look at what the file is. */
  turn(): Promise<void>;
  /** Whether every row of the journal is in the file; it is tried at once. */
  flush(): Promise<boolean>;
  seen(): SharedFileSeen;
  /** The id that a row of the journal has there; null while it is not there. */
  sharedIdOf(journalId: number): number | null;
  /** While no worker runs, after this event of the journal: reads each page once. What is broken is seen as trouble. */
  check(after: number): Promise<void>;
  /** While no worker runs: drops what is foreign. Resolves with whether that is done. */
  repair(): Promise<boolean>;
  /** While no worker runs: sets the file aside and makes a new one; resolves with the name, or null when it cannot be. */
  replace(): Promise<{ readonly setAside: string | null } | null>;
  /** Lets go of the room that was kept back, on a disk that is full. */
  giveRoom(): Promise<void>;
}

export interface SharedLogPorts extends ClaimPorts, ImportPorts {
  readonly scribe: Scribe;
  readonly clock: Clock;
  /** One of our own commands has said that it holds the file's lock. */
  readonly isAnnounced: () => boolean;
  /** How much room is left on its volume. */
  readonly freeBytes: () => number;
  /** Something changed that a decision may depend on. */
  readonly onChange: () => void;
}

/** A good worker answers a while with it, after a bad one has filled the disk. */
const ROOM_BYTES = 16 * 1024 * 1024;
/** It is taken only where it is not missed. */
const ROOM_ENOUGH_BYTES = 200 * 1024 * 1024;

type LookedAt = Answer<"look"> & { readonly kind: "seen" };

export function createSharedLog(ports: SharedLogPorts): SharedLog {
  const { journal, ledger, scribe, clock, onChange, record } = ports;
  const mirror = createMirror({ journal, ledger, scribe });
  const claims = createClaimTaker(ports);
  const replacements = createReplacements(journal, clock);
  let made = schemaMade(journal);
  let isPrepared = false;
  let trouble: Trouble | null = null;
  let foreign: readonly string[] = [];
  let soundings = 0;
  let soundAt = clock.now();
  let wholeAfter = 0;
  let silentSince: number | null = null;
  let roomKept = 0;
  let turns: Promise<unknown> = Promise.resolve();

  /** One after the other: each begins where the one before ended. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turns.then(work);
    turns = done.catch(() => {});
    return done;
  }

  function met(found: Trouble | null): void {
    const isNews = found?.kind !== trouble?.kind;
    trouble = found;
    if (isNews) onChange();
  }

  /** The answer, or null when there is none to go by: then what is wrong is noted. */
  function heard<A extends { readonly kind: string }>(answer: A | Unable | null): A | null {
    if (answer === null) roomKept = 0; // it went with the child
    silentSince = answer === null ? (silentSince ?? clock.monotonicMs()) : null;
    if (answer === null) met({ kind: "silent", reason: "the child that reads the shared file is not heard of" });
    else if (answer.kind === "unable") met(replacements.inItsTime(asTrouble(answer as Unable)));
    else return answer as A;
    return null;
  }

  async function prepare(): Promise<boolean> {
    if (isPrepared) return true;
    const answer = await scribe.ask({ kind: "prepare", made });
    if (answer?.kind === "unable" && answer.trouble === "setup" && made === null && newestEventId(journal) === 0)
      throw new SetupError([answer.reason]);
    const prepared = heard(answer);
    if (!prepared) return false;
    if (!(await importPast(ports, prepared.maxId))) {
      met({ kind: "silent", reason: "what was recorded before could not be read yet" });
      return false;
    }
    noteMade({ version: prepared.version, digest: prepared.digest });
    if (restoredAt(journal) > ledger.mirroredTo()) {
      await keepPlace();
      claims.skipTo(prepared.maxId);
    }
    isPrepared = true;
    return true;
  }

  function noteMade(now: SchemaMade): void {
    if (made?.version === now.version && made.digest === now.digest) return;
    made = now;
    record(EventType.SchemaMade, now, null);
  }

  async function mirrorAll(): Promise<boolean> {
    if (mirror.behind() > 0) await keepPlace(); // what is written now would hide that rows before it are gone
    const mirrored = await mirror.advance();
    return mirrored.kind === "all" || heard(mirrored.kind === "silent" ? null : mirrored) !== null;
  }

  async function look(): Promise<LookedAt | null> {
    if (made === null) return null;
    const newest = newestOwn(journal, ledger);
    const anchors = newest ? [anchorOf(journal, newest)] : [];
    const seen = heard(await scribe.ask({ kind: "look", made, anchors, after: claims.scannedTo() }));
    if (seen && !seen.anchored) await keepPlace();
    return seen;
  }

  async function keepPlace(): Promise<void> {
    const place = await findPlace({ journal, ledger, scribe }, mirror);
    if (place !== null) claims.readAgainFrom(place);
  }

  /** A disk that is full keeps back what is to be noted of a row, too: it is looked for again when there is room. */
  async function withRoom(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      const unable = toUnable(error);
      if (unable.trouble !== "full") throw error;
      met({ kind: "full", reason: unable.reason });
      return false;
    }
  }

  async function turn(): Promise<void> {
    if (!(await prepare())) return;
    const isMirrored = await mirrorAll();
    const seen = await look();
    if (!seen) return;
    if (seen.foreign.join() !== foreign.join()) onChange();
    foreign = seen.foreign;
    if (mirror.isCertain() && claims.take(seen)) onChange();
    if (ports.isAnnounced() || (seen.free && isMirrored)) {
      soundings += 1;
      if (foreign.length === 0) soundAt = clock.now();
      met(null);
    } else if (isMirrored) met({ kind: "locked", reason: "somebody holds the write lock of the shared file" });
    await mirrorAll();
    if (ports.freeBytes() > ROOM_ENOUGH_BYTES) await keepRoom(ROOM_BYTES);
  }

  async function check(after: number): Promise<void> {
    const found = heard(await scribe.ask({ kind: "check" }));
    if (found) wholeAfter = after;
    else if (trouble?.kind === "damaged") soundAt = 0; // it only seemed so
  }

  async function repair(): Promise<boolean> {
    const repaired = heard(await scribe.ask({ kind: "repair" }));
    if (repaired) foreign = repaired.foreign;
    return repaired !== null && repaired.foreign.length === 0;
  }

  async function replace() {
    const setAside = `damaged-${new Date(clock.now()).toISOString().replaceAll(":", "-")}.db`;
    const replaced = heard(await scribe.ask({ kind: "replace", setAside }));
    if (!replaced) return null;
    replacements.note();
    mirror.doubt(0);
    claims.readAgainFrom(0);
    foreign = [];
    wholeAfter = newestEventId(journal);
    met(null);
    return { setAside: replaced.setAside };
  }

  async function keepRoom(bytes: number): Promise<void> {
    if (roomKept === bytes) return;
    const answer = await scribe.ask({ kind: "reserve", bytes });
    roomKept = answer?.kind === "reserved" ? answer.bytes : 0;
  }

  return {
    begin: () => inTurn(prepare),
    turn: () => inTurn(() => withRoom(() => turn().then(() => true)).then(() => {})),
    flush: () => inTurn(() => withRoom(async () => (await prepare()) && (await mirrorAll()))),
    seen: () => ({
      trouble,
      foreign,
      soundings,
      soundAt,
      wholeAfter,
      silentMs: silentSince === null ? 0 : clock.monotonicMs() - silentSince,
      behind: mirror.behind(),
      skippedClaims: claims.skipped(),
      keepsRoom: roomKept > 0,
    }),
    sharedIdOf: ledger.sharedIdOf,
    check: (after) => inTurn(() => check(after)),
    repair: () => inTurn(repair),
    replace: () => inTurn(replace),
    giveRoom: () => inTurn(() => keepRoom(0)),
  };
}

function asTrouble({ trouble, reason }: Unable): Trouble {
  return { kind: trouble === "setup" ? "damaged" : trouble, reason };
}
