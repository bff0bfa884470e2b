import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import { newestEvent, newestEventId } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { SetupError } from "../../../shared/setup-error.ts";
import type { Answer, Scribe, Unable } from "../scribe/scribe.ts";
import type { SchemaMade } from "../scribe/shared-file.ts";
import { createClaimTaker } from "./claim-taker.ts";
import { anchorOf, findPlace } from "./find-place.ts";
import { type ImportPorts, importPast } from "./import-past.ts";
import { createMirror } from "./mirror.ts";
import type { ClaimPorts } from "./take-claims.ts";

/** What is wrong with the shared file. `damaged` is for good; of the others time may mend each. */
export interface Trouble {
  readonly kind: "locked" | "full" | "silent" | "refused" | "damaged";
  readonly reason: string;
}

/** What is known of the shared file, from outside. */
export interface SharedFileSeen {
  /** Null while all is well. */
  readonly trouble: Trouble | null;
  /** What is foreign in its schema. */
  readonly foreign: readonly string[];
  /** Another number each time that it was whole, and nobody held its lock; and when it last was, in Unix milliseconds. */
  readonly soundings: number;
  readonly soundAt: number;
  /** How many rows of the journal it does not have yet. */
  readonly behind: number;
  /** Some room of its volume is kept back. */
  readonly keepsRoom: boolean;
  /** How many claims were none, since this supervisor began. */
  readonly skippedClaims: number;
}

/** The shared file, reached through the scribe alone. Nothing here rejects, but `begin` as it says. */
export interface SharedLog {
  /**
   * Makes the file, or brings it up to date, and fills a journal that has nothing yet. Resolves with whether that is
   * done. Rejects with a SetupError when the file is of a newer generation, and this journal never made one.
   */
  begin(): Promise<boolean>;
  /** Rows out, claims in, and a look at what the file is. */
  turn(): Promise<void>;
  /** Whether every row of the journal is in the file, and a worker can open it; it is tried at once. */
  flush(): Promise<boolean>;
  seen(): SharedFileSeen;
  /** The id that a row of the journal has there; null while it is not there. */
  sharedIdOf(journalId: number): number | null;
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

const NOT_PUT_RIGHT = "what is foreign in the database's schema cannot be put right";

export function createSharedLog(ports: SharedLogPorts): SharedLog {
  const { journal, ledger, scribe, clock, onChange, record } = ports;
  const mirror = createMirror({ journal, ledger, scribe });
  const claims = createClaimTaker(ports);
  let made = schemaMade(journal);
  let isPrepared = false;
  let trouble: Trouble | null = null;
  let foreign: readonly string[] = [];
  let soundings = 0;
  let soundAt = clock.now();
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
    if (answer === null) met({ kind: "silent", reason: "the child that reads the shared file is not heard of" });
    else if (answer.kind === "unable") met(asTrouble(answer as Unable));
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
    isPrepared = true;
    return true;
  }

  function noteMade(now: SchemaMade): void {
    if (made?.version === now.version && made.digest === now.digest) return;
    made = now;
    record(EventType.SchemaMade, now, null);
  }

  async function mirrorAll(): Promise<boolean> {
    let mirrored = await mirror.advance();
    if (mirrored.kind === "displaced") {
      await findPlace({ journal, ledger, scribe }, mirror);
      mirrored = await mirror.advance();
    }
    if (mirrored.kind === "displaced") met({ kind: "refused", reason: "rows of the shared file are taken away" });
    else if (mirrored.kind !== "all") heard(mirrored.kind === "silent" ? null : mirrored);
    return mirrored.kind === "all";
  }

  async function canBeOpened(): Promise<boolean> {
    return heard(await scribe.ask({ kind: "try" })) !== null;
  }

  async function look(): Promise<(Answer<"look"> & { kind: "seen" }) | null> {
    if (made === null) return null;
    const anchors = ledger.newest(1).map((noted) => anchorOf(journal, noted));
    const seen = heard(await scribe.ask({ kind: "look", made, anchors, after: claims.scannedTo() }));
    if (seen && !seen.anchored) await findPlace({ journal, ledger, scribe }, mirror);
    return seen;
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
      soundAt = clock.now();
      met(null);
    } else if (isMirrored) met({ kind: "locked", reason: "somebody holds the write lock of the shared file" });
    await mirrorAll();
    if (ports.freeBytes() > ROOM_ENOUGH_BYTES) await keepRoom(ROOM_BYTES);
  }

  async function repair(): Promise<boolean> {
    const repaired = heard(await scribe.ask({ kind: "repair" }));
    if (repaired) foreign = repaired.foreign;
    const isRefused = repaired === null ? trouble?.kind === "refused" : repaired.foreign.length > 0;
    if (isRefused) met({ kind: "damaged", reason: NOT_PUT_RIGHT });
    return repaired !== null && repaired.foreign.length === 0;
  }

  async function replace() {
    const setAside = `damaged-${new Date(clock.now()).toISOString().replaceAll(":", "-")}.db`;
    const replaced = heard(await scribe.ask({ kind: "replace", setAside }));
    if (!replaced) return null;
    mirror.doubt(0);
    claims.beginAnew();
    foreign = [];
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
    turn: () => inTurn(turn),
    flush: () => inTurn(async () => (await prepare()) && (await mirrorAll()) && (await canBeOpened())),
    seen: () => ({
      trouble,
      foreign,
      soundings,
      soundAt,
      behind: mirror.behind(),
      skippedClaims: claims.skipped(),
      keepsRoom: roomKept > 0,
    }),
    sharedIdOf: ledger.sharedIdOf,
    repair: () => inTurn(repair),
    replace: () => inTurn(replace),
    giveRoom: () => inTurn(() => keepRoom(0)),
  };
}

function schemaMade(journal: Database): SchemaMade | null {
  return newestEvent(journal, EventType.SchemaMade)?.payload ?? null;
}

function asTrouble({ trouble, reason }: Unable): Trouble {
  return { kind: trouble === "setup" ? "damaged" : trouble, reason };
}
