import type { RevisionTurn, TurnOutcome } from "../../../shared/revision-history.ts";
import type { Paint } from "../output.ts";
import { columns } from "./columns.ts";
import { shortImageId } from "./event-text.ts";
import { ago } from "./relative-time.ts";

const STYLES = {
  "in progress": "yellow",
  ready: "green",
  promoted: "green",
  rejected: "yellow",
  replaced: "gray",
  failed: "red",
  quarantined: "red",
  halted: "red",
} as const satisfies Record<TurnOutcome["kind"], Parameters<Paint>[0]>;

/** A row each: when, what, the image, who or why, and what became of it. */
export function revisionLines(turns: readonly RevisionTurn[], now: Date, paint: Paint): string[] {
  return columns(
    turns.map(({ at, kind, revision, imageId, askedBy, reason, outcome }) => [
      ago(new Date(at), now),
      kind,
      revision,
      imageId === null ? "-" : shortImageId(imageId).replace("sha256:", ""),
      paint(STYLES[outcome.kind], outcome.kind),
      [askedBy && `by ${askedBy}`, reason, outcome.reason].filter(Boolean).join("; ").replaceAll("\n", " "),
    ]),
  );
}
