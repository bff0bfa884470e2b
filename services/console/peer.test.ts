import { expect, test } from "@jest/globals";
import { isFromThisMachine } from "./peer.ts";

/** As a container's kernel tells them. */
const ipv4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010012AC	0003	0	0	0	00000000	0	0	0
eth0	000012AC	00000000	0001	0	0	0	0000FFFF	0	0	0
`;
const ipv6 = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

test.each([
  ["127.0.0.1", true, "the machine itself"],
  ["::1", true, "the machine itself"],
  ["172.18.0.1", true, "the network's gateway, by which a published port comes"],
  ["fd00::1", true, "the gateway of IPv6"],
  ["172.18.0.4", false, "a neighbour"],
  ["0.0.0.0", false, "nobody's address"],
  ["::", false, "nobody's address"],
  ["fd00::4", false, "a neighbour"],
  ["192.168.0.7", false, "somebody else"],
  ["", false, "a connection that is closed already"],
])("%s is let in without a token: %s, as %s", (address, isLetIn) => {
  expect(isFromThisMachine(address, { ipv4, ipv6 })).toBe(isLetIn);
});

test("without a way out, or on another system, the machine itself alone is let in", () => {
  const none = { ipv4: "", ipv6: "" };
  expect(["127.0.0.1", "172.18.0.1", "fd00::1"].map((address) => isFromThisMachine(address, none))).toEqual([
    true,
    false,
    false,
  ]);
});
