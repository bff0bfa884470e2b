import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readSmallFile } from "./read-small-file.ts";
import { MAX_REQUEST_BYTES, type OperatorRequest, parseRequest } from "./request-file.ts";
import { inboxOf } from "./requests-directory.ts";

export type FoundRequest =
  | { readonly id: string; readonly request: OperatorRequest }
  /** What lay there is no request, and was removed. */
  | { readonly id: string; readonly problem: string };

/** The rest waits for the next look: nobody can keep the supervisor busy with this. */
const MOST_A_LOOK = 100;

export const ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}";
const REQUEST_NAME = new RegExp(`^(${ULID})\\.json$`);

/**
 * The requests that wait, oldest first. Each is read again at every look until `removeRequest`. What has the name of one
 * and is none, whatever it is, is told once and removed; other names are left alone. Never throws, never waits.
 */
export function readRequests(directory: string): FoundRequest[] {
  return namesIn(directory)
    .flatMap((name) => REQUEST_NAME.exec(name)?.[1] ?? [])
    .sort()
    .slice(0, MOST_A_LOOK)
    .flatMap((id) => readRequest(directory, id) ?? []);
}

/** Once it was taken, or refused. What is gone already is as well. Never throws. */
export function removeRequest(directory: string, id: string): void {
  removeFromInbox(directory, `${id}.json`);
}

/** Removes whatever lies there under a name, or puts it out of the way. Never throws. */
export function removeFromInbox(directory: string, name: string): void {
  const path = join(inboxOf(directory), name);
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    putOutOfTheWay(directory, name); // a directory of somebody else's, with something in it
  }
}

function readRequest(directory: string, id: string): FoundRequest | null {
  const file = readSmallFile(join(inboxOf(directory), `${id}.json`), MAX_REQUEST_BYTES);
  if (file.kind === "absent" || file.kind === "later") return null;
  const request = file.kind === "strange" ? file : parseRequest(file.text);
  if (!("problem" in request)) return { id, request };
  removeRequest(directory, id);
  return { id, problem: request.problem };
}

/** Who owns a directory may rename what is in it, also where only the owner of that could empty it. */
function putOutOfTheWay(directory: string, name: string): void {
  try {
    renameSync(join(inboxOf(directory), name), join(inboxOf(directory), `.refused-${name}`));
  } catch {
    // It stays, and is told again at the next look: nothing else can be done about it from here.
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(inboxOf(directory));
  } catch {
    return []; // not there yet, or not to be read now: then nothing was asked
  }
}
