import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

export type SmallFile =
  | { readonly kind: "text"; readonly text: string; readonly mtimeMs: number }
  | { readonly kind: "absent" }
  /** The operating system cannot give it at the moment; that says nothing about the file. */
  | { readonly kind: "later" }
  | { readonly kind: "strange"; readonly problem: string };

/** Neither follows a link, nor waits for a pipe's other end. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const PASSING: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "EIO", "EINTR", "EAGAIN"]);

/** Reads what somebody else may have put there: a regular file of at most so many bytes, as UTF-8. Never throws, never waits. */
export function readSmallFile(path: string, maxBytes: number): SmallFile {
  let file: number;
  try {
    file = openSync(path, FLAGS);
  } catch (error) {
    return refused(error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return { kind: "strange", problem: "it is no regular file" };
    const { mtimeMs } = stat;
    const bytes = Buffer.alloc(maxBytes + 1); // not by its size, which may grow meanwhile
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length > maxBytes) return { kind: "strange", problem: `it has more than ${maxBytes} bytes` };
    return { kind: "text", text: bytes.toString("utf8", 0, length), mtimeMs };
  } catch (error) {
    return refused(error);
  } finally {
    closeSync(file);
  }
}

function refused(error: unknown): SmallFile {
  const code = String((error as { code?: unknown } | null)?.code);
  if (code === "ENOENT") return { kind: "absent" };
  if (PASSING.has(code)) return { kind: "later" };
  return { kind: "strange", problem: code === "ELOOP" ? "it is a link" : `it cannot be read (${code})` };
}
