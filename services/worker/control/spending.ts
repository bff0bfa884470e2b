/** What turns cost, and whether today's budget allows another. Amounts are in US dollars. */
export interface Spending {
  /**
   * The most that a turn can cost, reserved by its `turn.started`; `exhausted` when that is more than is left today, and
   * `held` when it would not be, but for what turns under way have reserved: each of them ends, and frees the rest. `usd` is null for a model without a price. It holds once it is in the log: nothing is awaited in between.
   */
  reserve(model: string, worst: { readonly inputTokens: number; readonly outputTokens: number }): Reservation;
  /** What a completion cost; null for a model without a price, or when the provider did not count. */
  cost(model: string, counted: CountedTokens): number | null;
}

export type Reservation =
  | { readonly kind: "reserved"; readonly usd: number | null }
  | { readonly kind: "held" }
  | { readonly kind: "exhausted"; readonly budgetUsd: number; readonly spentUsd: number };

/** As the provider counted them; `cachedTokens` are part of `inputTokens`. */
export interface CountedTokens {
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
}
