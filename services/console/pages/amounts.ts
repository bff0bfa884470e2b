/** "340 ms", "1.2 s", "3 min 20 s", "2 h 5 min". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return two(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return two(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), "d", hours % 24, "h");
}

function two(large: number, unit: string, small: number, smaller: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smaller}`;
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

/** An image id, to the twelve digits that `docker images` shows. */
export function shortImageId(imageId: string): string {
  return imageId.replace(/^sha256:([0-9a-f]{12})[0-9a-f]{52}$/, "$1");
}
