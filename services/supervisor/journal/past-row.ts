import { fitsItsType, isKnownType } from "../../../shared/payloads/fits-its-type.ts";
import type { RawRow } from "../scribe/scribe.ts";

/** What an installation without a journal recorded in the shared file. */
export interface PastRow extends Omit<RawRow, "payload"> {
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Null for a row that is none of its type: anybody may have written it. */
export function parsePastRow(row: RawRow): PastRow | null {
  const payload = json(row.payload);
  if (payload === null || typeof payload !== "object" || !Number.isSafeInteger(row.timestamp)) return null;
  const past = { ...row, payload: payload as PastRow["payload"] };
  return isKnownType(row.eventType) && fitsItsType(row.eventType, past.payload) ? past : null;
}

function json(payload: string | null): unknown {
  try {
    return JSON.parse(payload ?? "null");
  } catch {
    return null; // SQLite takes JSON5, JavaScript does not
  }
}
