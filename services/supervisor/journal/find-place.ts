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

/** How the newest of the journal's own rows is known again in the shared file; none before the first. */
export function newestAnchor(journal: Database, ledger: Pick<Ledger, "newest">): Anchor[] {
  const noted = ledger.newest(PAGE).find(({ journalId }) => !isClaim(journal, journalId));
  return noted ? [anchorOf(journal, noted)] : [];
}

function anchorOf(journal: Database, { journalId, sharedId }: Noted): Anchor {
  const row = eventById(journal, journalId);
  return { id: sharedId, timestamp: row?.timestamp ?? 0, eventType: row?.eventType ?? "" };
}

/** The newest id in the shared file at that moment; what was said up to there was said before. */
export interface PlaceFound {
  readonly maxId: number;
}

/**
 * The shared file has not what it had: a backup was restored, or rows are gone. The newest row of our own that is still
 * there is where the mirror goes on. Resolves with null, and without a change, when nothing is heard.
 */
export async function findPlace(
  {
    journal,
    ledger,
    scribe,
  }: { readonly journal: Database; readonly ledger: Ledger; readonly scribe: Pick<Scribe, "ask"> },
  mirror: Pick<Mirror, "doubt">,
): Promise<PlaceFound | null> {
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = ledger.newest(PAGE, before);
    const ours = page.filter(({ journalId }) => !isClaim(journal, journalId));
    const answer = await scribe.ask({ kind: "find", anchors: ours.map((noted) => anchorOf(journal, noted)) });
    if (answer?.kind !== "found") return null;
    const found = answer.index === null ? undefined : ours[answer.index];
    const oldest = page.at(-1);
    if (found || !oldest) {
      mirror.doubt(found?.journalId ?? 0);
      return { maxId: answer.maxId };
    }
    before = oldest.journalId;
  }
}

/**
 * A worker's row is no such place: it may be older there than what came into the journal before it, and it may have left
 * into an archive.
 */
function isClaim(journal: Database, journalId: number): boolean {
  return eventById(journal, journalId)?.payload?.claim !== undefined;
}
