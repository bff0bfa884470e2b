/** What is longer is not read: a row of megabytes would be all of it in memory. The longest of ours has a worker's last words. */
const LONGEST_PAYLOAD = 262_144;

/** As SQL: a payload, or nothing of one that is too long. Its length is told by its header, without a look at the rest. */
export const BOUNDED_PAYLOAD = `CASE WHEN octet_length(payload) > ${LONGEST_PAYLOAD} THEN '' ELSE payload END`;

/** As SQL: a payload is not too long to look into. */
export const IS_BOUNDED = `octet_length(payload) <= ${LONGEST_PAYLOAD}`;

/** As SQL: ids that JavaScript can tell apart. */
export const KNOWN_ID = `id <= ${Number.MAX_SAFE_INTEGER}`;

/** In place of a payload that cannot be read. */
export const UNREADABLE: Readonly<Record<string, unknown>> = { unreadable: true };

/** A payload as it was stored: SQLite's check lets through what is JSON5, and whoever has the file may drop the check. */
export function readPayload(stored: string | null): Readonly<Record<string, unknown>> | null {
  if (stored === null) return null;
  try {
    const payload = JSON.parse(stored);
    return typeof payload === "object" && payload !== null && !Array.isArray(payload) ? payload : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}
