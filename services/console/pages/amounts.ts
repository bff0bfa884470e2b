import { inWords } from "../../../shared/duration.ts";

/** "340 ms", "1.2 s", "3 min". */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : inWords(ms);
}

export function count(amount: number): string {
  return amount.toLocaleString("en");
}

/** @param unpriced turns without a known cost make it the least that was spent */
export function dollars(usd: number, unpriced = 0): string {
  return `${unpriced > 0 ? "≥ " : ""}$${usd.toFixed(usd !== 0 && usd < 1 ? 4 : 2)}`;
}

/** As much of a text as helps to recognise it. */
export function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** An image id or a digest, to the twelve digits that `docker images` shows. */
export function shortImageId(imageId: string): string {
  return imageId.replace(/^(?:sha256:)?([0-9a-f]{12})[0-9a-f]{52}$/, "$1");
}
