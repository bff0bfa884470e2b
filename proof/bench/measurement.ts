/** What was measured, and what it is held to. */
export interface Measurement {
  /** From what to what. */
  readonly name: string;
  readonly unit: "ms" | "µs" | "%" | "MB" | "bytes" | "/s";
  /** With a peer, what is compared are the medians. */
  readonly goal: { readonly atMost: number } | { readonly timesPeer: number } | { readonly atLeastTimesPeer: number };
  readonly samples: readonly number[];
  /** The same, of something else in the same run. */
  readonly peer?: { readonly name: string; readonly samples: readonly number[] };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** How many times the peer's median it is; null without a peer. */
export function ratio({ samples, peer }: Measurement): number | null {
  return peer ? median(samples) / median(peer.samples) : null;
}

export function holds(measurement: Measurement): boolean {
  const { goal, samples } = measurement;
  const times = ratio(measurement) ?? Number.NaN;
  if ("atMost" in goal) return median(samples) <= goal.atMost;
  return "timesPeer" in goal ? times <= goal.timesPeer : times >= goal.atLeastTimesPeer;
}
