const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

/** As a person would say it: the two largest units, as "3 h 12 min"; below a minute, seconds. */
export function inWords(ms: number): string {
  const at = UNITS.findIndex(([, size]) => ms >= size);
  if (at < 0) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 1000)} s`;
  let left = ms;
  return UNITS.slice(at, at + 2)
    .map(([name, size]) => {
      const count = Math.floor(left / size);
      left %= size;
      return count === 0 ? "" : `${count} ${name}`;
    })
    .filter((part) => part !== "")
    .join(" ");
}
