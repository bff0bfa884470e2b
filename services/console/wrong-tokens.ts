import type { Clock } from "../../shared/clock.ts";
import type { Logger } from "../../shared/logging.ts";

/** After so long everybody begins anew. */
const INTERVAL_MS = 60_000;
/** A person who mistypes it gets there, with one to spare. */
const TRIES = 5;
/** Of all addresses together; beyond it, each has one. */
const TRIES_IN_ALL = 100;
/** So many addresses are remembered; those beyond count as one. */
const MOST_ADDRESSES = 10_000;

/** Counts wrong tokens by the address that they came from. */
export interface WrongTokens {
  /** In how many seconds this address may try again; null when it may now. */
  secondsToWait(address: string): number | null;
  note(address: string): void;
}

/** The log has at most two lines of them in an interval: the first that was wrong, and the first that was not looked at. */
export function createWrongTokens(clock: Pick<Clock, "monotonicMs">, logger: Logger): WrongTokens {
  let began = clock.monotonicMs();
  let inAll = 0;
  let isRefusalLogged = false;
  const byAddress = new Map<string, number>();
  const keyOf = (address: string) => {
    const key = networkOf(address);
    return byAddress.has(key) || byAddress.size < MOST_ADDRESSES ? key : "further ones";
  };

  function renew(): void {
    if (clock.monotonicMs() - began < INTERVAL_MS) return;
    began = clock.monotonicMs();
    inAll = 0;
    isRefusalLogged = false;
    byAddress.clear();
  }

  return {
    secondsToWait(address) {
      renew();
      const allowed = inAll < TRIES_IN_ALL ? TRIES : 1;
      if ((byAddress.get(keyOf(address)) ?? 0) < allowed) return null;
      if (!isRefusalLogged) logger.warn({ address, wrong: inAll }, "too many wrong tokens: they are not looked at");
      isRefusalLogged = true;
      return Math.max(Math.ceil((began + INTERVAL_MS - clock.monotonicMs()) / 1000), 1);
    },
    note(address) {
      renew();
      if (inAll === 0) logger.warn({ address }, "somebody gave a wrong token");
      inAll += 1;
      byAddress.set(keyOf(address), (byAddress.get(keyOf(address)) ?? 0) + 1);
    },
  };
}

/** Of an IPv6 address the half that tells the network: the other half is its holder's to choose. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = [], tail] = address.split("::").map((part) => part.split(":"));
  const zeros = tail === undefined ? [] : Array(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(":");
}
