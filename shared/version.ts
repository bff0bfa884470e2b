import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");

/** Written by the image build: the REVISION build argument, or the digest of the sources that the build saw. */
const REVISION_FILE = join(ROOT, "REVISION");

/** What runs here: the image's revision, or on a host the digest of the sources as they are now. */
export function versionOfThisProgram(): string {
  return existsSync(REVISION_FILE) ? readFileSync(REVISION_FILE, "utf8").trim() : sourceDigest(ROOT);
}

/** The first 12 hexadecimal digits of a SHA-256 over path and content of every source file below `root`. */
export function sourceDigest(root: string): string {
  const hash = createHash("sha256");
  for (const path of sourceFiles(root))
    hash
      .update(path)
      .update("\0")
      .update(readFileSync(join(root, path)))
      .update("\0");
  return hash.digest("hex").slice(0, 12);
}

function sourceFiles(root: string): string[] {
  const code = ["shared", "services"]
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: "utf8" }).map((name) => join(top, name)),
    )
    .filter((path) => /\.(ts|js|css|json)$/.test(path) && !path.endsWith(".test.ts"));
  return ["package-lock.json", ...code].sort();
}

if (import.meta.main) process.stdout.write(`${versionOfThisProgram()}\n`);
