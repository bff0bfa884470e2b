import { BYTES_PER_TOKEN, estimateTokens } from "./tokens.ts";

/**
 * A text that is estimated at more than `maxTokens` loses its middle, and says so there; beginnings and ends say most.
 * No character is torn. Where even the mark does not fit, only the beginning is left.
 */
export function cutMiddle(text: string, maxTokens: number): string {
  if (estimateTokens(text) <= maxTokens) return text;
  const bytes = Buffer.from(text);
  const room = maxTokens * BYTES_PER_TOKEN;
  // The mark is at its longest when all is left out.
  const forText = room - Buffer.byteLength(mark(bytes.length));
  if (forText < 0) return bytes.toString("utf8", 0, characterStart(bytes, room));
  const headEnd = characterStart(bytes, Math.ceil(forText / 2));
  const tailStart = characterEnd(bytes, bytes.length - Math.floor(forText / 2));
  return bytes.toString("utf8", 0, headEnd) + mark(tailStart - headEnd) + bytes.toString("utf8", tailStart);
}

function mark(bytes: number): string {
  return `\n[… ${bytes} bytes left out …]\n`;
}

/** The beginning of the character that holds a byte: in UTF-8 its further bytes are 10xxxxxx. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (isContinuation(bytes[start])) start -= 1;
  return start;
}

function characterEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (isContinuation(bytes[end])) end += 1;
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
