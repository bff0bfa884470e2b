import { readFileSync } from "node:fs";
import { BlockList, isIPv4 } from "node:net";
import type { Context } from "hono";
import { isLoopback } from "./loopback.ts";

/** The address from which a request's connection came; null when it came by none, as a test's. */
export function peerOf(c: Context): string | null {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket: { remoteAddress?: string } } };
  return incoming ? (incoming.socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, "") : null;
}

/** As the kernel tells them (Linux); a parameter because a test has routes of its own. */
export interface Routes {
  readonly ipv4: string;
  readonly ipv6: string;
}

/**
 * Whether a connection comes from this machine, or in a container from its host: what the host publishes arrives with
 * the address of the network's gateway, whether Docker's proxy passes it on or its rules do; a neighbour on the same
 * network arrives with its own. (A port that is published for all addresses keeps those of its callers: it is let in by
 * the token alone.)
 */
export function isFromThisMachine(address: string, routes: Routes = readRoutes()): boolean {
  return isLoopback(address) || gatewaysIn(routes).check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

/** Read for each request anew: a container can be put on another network while it runs. */
function readRoutes(): Routes {
  return { ipv4: linesOf("/proc/net/route"), ipv6: linesOf("/proc/net/ipv6_route") };
}

function linesOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // another system than Linux, or one without IPv6: there is no gateway to let in
  }
}

function gatewaysIn({ ipv4, ipv6 }: Routes): BlockList {
  const gateways = new BlockList();
  for (const [, hex = ""] of ipv4.matchAll(/^\S+\s+00000000\s+(?!00000000)([0-9A-F]{8})\s/gm)) {
    gateways.addAddress(
      (hex.match(/../g) ?? [])
        .map((byte) => Number.parseInt(byte, 16))
        .reverse()
        .join("."),
    );
  }
  for (const [, hex = ""] of ipv6.matchAll(/^0{32} 00 0{32} 00 (?!0{32})([0-9a-f]{32}) /gm)) {
    gateways.addAddress((hex.match(/.{4}/g) ?? []).join(":"), "ipv6");
  }
  return gateways;
}
