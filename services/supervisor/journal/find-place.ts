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
  const claim = row?.payload?.claim as { readonly at: number } | undefined; // written by takeClaim alone
  return { id: sharedId, timestamp: claim?.at ?? row?.timestamp ?? 0, eventType: row?.eventType ?? "" };
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
  const newest = ledger.newest(1)[0];
  if (!newest) return null;
  for (let page = [newest]; ; page = ledger.newest(PAGE, page.at(-1)?.journalId)) {
    if (page.length === 0) {
      mirror.doubt(0);
      return 0;
    }
    const answer = await scribe.ask({ kind: "find", anchors: page.map((noted) => anchorOf(journal, noted)) });
    if (answer?.kind !== "found") return null;
    const found = answer.index === null ? undefined : page[answer.index];
    if (found === newest) return null;
    if (found) {
      mirror.doubt(found.journalId);
      return found.sharedId;
    }
  }
}
