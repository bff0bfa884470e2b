const UNITS = [
  { ms: 86_400_000, one: "day", many: "days" },
  { ms: 3_600_000, one: "h", many: "h" },
  { ms: 60_000, one: "min", many: "min" },
  { ms: 1_000, one: "s", many: "s" },
];

/** "3 min": whole units, rounded down. Clocks of two machines differ, so what lies ahead counts as now. */
export function span(from: Date, now: Date): string {
  const ms = Math.max(now.getTime() - from.getTime(), 0);
  const unit = UNITS.find((candidate) => ms >= candidate.ms);
  if (!unit) return "0 s";
  const count = Math.floor(ms / unit.ms);
  return `${count} ${count === 1 ? unit.one : unit.many}`;
}

/** "3 min ago" */
export function ago(at: Date, now: Date): string {
  const passed = span(at, now);
  return passed === "0 s" ? "just now" : `${passed} ago`;
}
