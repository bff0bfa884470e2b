import type { Database } from "../../../shared/database.ts";
import { eventById } from "../../../shared/event-log.ts";
import type { Scribe } from "../scribe/scribe.ts";
import type { Anchor } from "../scribe/shared-file.ts";
import type { Ledger } from "./ledger.ts";
import type { Mirror } from "./mirror.ts";

const PAGE = 200;

interface Noted {
  readonly journalId: number;
  readonly sharedId: number;
}

/** How a row of the journal is known again in the shared file. */
export function anchorOf(journal: Database, { journalId, sharedId }: Noted): Anchor {
  const row = eventById(journal, journalId);
  return { id: sharedId, timestamp: row?.timestamp ?? 0, eventType: row?.eventType ?? "" };
}

/** The newest of the journal's own rows that is noted; null before the first. */
export function newestOwn(journal: Database, ledger: Ledger): Noted | null {
  return ledger.newest(PAGE).find(({ journalId }) => !isClaim(journal, journalId)) ?? null;
}

/** A worker's row is no place: it may be older there than what came into the journal before, and leave into an archive. */
function isClaim(journal: Database, journalId: number): boolean {
  return eventById(journal, journalId)?.payload?.claim !== undefined;
}

/**
 * The shared file has not what it had: a backup was restored, or rows are gone. The newest row that is still there is
 * where the mirror goes on. Resolves with that row's id there, 0 when there is none; with null, and without a change, when
 * nothing is missing, or nothing is heard.
 */
export async function findPlace(
  {
    journal,
    ledger,
    scribe,
  }: { readonly journal: Database; readonly ledger: Ledger; readonly scribe: Pick<Scribe, "ask"> },
  mirror: Pick<Mirror, "doubt">,
): Promise<number | null> {
  const newest = newestOwn(journal, ledger);
  if (!newest) return null;
  for (let page = [newest]; ; page = ledger.newest(PAGE, page.at(-1)?.journalId)) {
    if (page.length === 0) {
      mirror.doubt(0);
      return 0;
    }
    const own = page.filter(({ journalId }) => !isClaim(journal, journalId));
    const answer = await scribe.ask({ kind: "find", anchors: own.map((noted) => anchorOf(journal, noted)) });
    if (answer?.kind !== "found") return null;
    const found = answer.index === null ? undefined : own[answer.index];
    if (found === newest) return null;
    if (found) {
      mirror.doubt(found.journalId);
      return found.sharedId;
    }
  }
}
