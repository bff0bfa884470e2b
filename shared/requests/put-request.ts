import { monotonicFactory } from "ulid";
import { remedyFor } from "../remedy.ts";
import { SetupError } from "../setup-error.ts";
import { putFile } from "./put-file.ts";
import type { OperatorRequest } from "./request-file.ts";
import { inboxOf } from "./requests-directory.ts";

/** Sorted by name, the files of one process are in the order in which they were put there, also within a millisecond. */
export const nextUlid = monotonicFactory();

/** Puts a request where the supervisor takes it, and returns its name. Throws a SetupError for what has to be mended. */
export function putRequest(directory: string, { type, payload }: OperatorRequest): string {
  const id = nextUlid();
  putIntoInbox(directory, `${id}.json`, JSON.stringify({ type, payload }));
  return id;
}

export function putIntoInbox(directory: string, name: string, text: string): void {
  try {
    putFile(inboxOf(directory), { name, text, synced: true });
  } catch (cause) {
    const code = String((cause as { code?: unknown } | null)?.code);
    const remedy = REMEDIES[code] ?? remedyFor(code);
    if (remedy === undefined) throw cause;
    throw new SetupError([`Nothing can be asked of the supervisor in ${inboxOf(directory)} (${code}). ${remedy}`], {
      cause,
    });
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT:
    "Start the supervisor first: it makes this directory; or mount the volume of the requests there (REQUESTS_DIR).",
  ENOTDIR: "It is no directory: remove what lies there, and start the supervisor, which makes it.",
  EDQUOT: "The disk is full: free some space.",
};
