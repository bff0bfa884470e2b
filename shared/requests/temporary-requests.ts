import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRequestsDirectory } from "./requests-directory.ts";

/** For tests: a directory of requests, as the supervisor makes it. */
export function temporaryRequests(): { readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-requests-"));
  makeRequestsDirectory(directory);
  return { directory, remove: () => rmSync(directory, { recursive: true }) };
}
