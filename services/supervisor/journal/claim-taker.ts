import { newestEventId } from "../../../shared/event-log.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import type { RawRow } from "../scribe/scribe.ts";
import { type Claim, parseClaim } from "./claim.ts";
import { type ClaimPorts, takeClaim } from "./take-claims.ts";

/** A claim may come before the run that it is of is recorded; what nobody recorded for so long is of no run. */
const EARLY_FOR_MS = 2 * 60_000;
const MOST_EARLY = 50;

interface Early {
  readonly claim: Claim;
  readonly since: number;
}

/** Takes claims into the journal as they come. What was read and not taken is read again by a successor. */
export function createClaimTaker(ports: ClaimPorts) {
  const { journal, ledger, clock } = ports;
  let scannedTo = ledger.scannedTo();
  let early: readonly Early[] = [];
  let skipped = 0;
  /** What the journal had when it was asked about those that were early: nothing changes while it has no more. */
  let askedAt = 0;

  return {
    /** Up to which row of the shared file claims were read. */
    scannedTo: () => scannedTo,
    /** How many were none. */
    skipped: () => skipped,
    /** Whether any was taken. */
    take(seen: { readonly claims: readonly RawRow[]; readonly skipped: number; readonly scannedTo: number }): boolean {
      const now = clock.monotonicMs();
      const said = seen.claims.filter(({ id }) => ledger.journalIdOf(id) === null); // the others are our own rows
      const parsed = said.map(parseClaim).filter((claim) => claim !== null);
      skipped += seen.skipped + said.length - parsed.length;
      const before = newestEventId(journal);
      const waiting = early.filter(({ since }) => now - since < EARLY_FOR_MS);
      let worker = newestWorker(journal);
      const isEarly = ({ claim }: Early) => {
        const outcome = takeClaim(ports, claim, worker);
        if (outcome === "taken") worker = newestWorker(journal);
        return outcome === "early";
      };
      const kept = before === askedAt ? waiting : waiting.filter(isEarly);
      early = [...kept, ...parsed.map((claim) => ({ claim, since: now })).filter(isEarly)].slice(-MOST_EARLY);
      askedAt = newestEventId(journal) === before ? before : 0;
      scannedTo = seen.scannedTo;
      const readTo = Math.min(scannedTo, ...early.map(({ claim }) => claim.id - 1));
      if (readTo !== ledger.scannedTo()) ledger.noteScanned(readTo);
      return newestEventId(journal) > before;
    },
    /** A backup was restored, while no worker ran: all that it has was said before. */
    skipTo(sharedId: number): void {
      early = [];
      scannedTo = sharedId;
      ledger.noteScanned(sharedId);
    },
    /** The shared file is another one from after a row on. What was read before does not count. */
    readAgainFrom(sharedId: number): void {
      early = early.filter(({ claim }) => claim.id <= sharedId);
      scannedTo = Math.min(scannedTo, sharedId);
      ledger.noteScanned(Math.min(scannedTo, ledger.scannedTo()));
    },
  };
}
