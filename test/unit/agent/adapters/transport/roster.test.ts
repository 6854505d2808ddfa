import { suite } from "uvu";
import * as assert from "uvu/assert";
import { peerIdOf } from "../../../../../agent/adapters/transport/peerId.ts";
import { hostsOf, parseRoster } from "../../../../../agent/adapters/transport/roster.ts";
import { isAgentError } from "../../../../../agent/core/errors.ts";
import type { RosterEntry } from "../../../../../agent/ports/transport.ts";
import { seedOf } from "../../../../support/transportStreet.ts";

const [SELF, OTHER, THIRD] = [0, 1, 2].map((index) => peerIdOf(seedOf(index))) as [string, string, string];

function codeOf(roster: readonly RosterEntry[]): string {
  try {
    parseRoster(SELF, roster);
    return "no failure";
  } catch (error) {
    if (isAgentError(error)) return error.code;
    throw error;
  }
}

const test = suite("parseRoster");

test("every address ends in the PeerId that is expected there, written or not", () => {
  const [peer] = parseRoster(SELF, [
    { peerId: OTHER, addresses: ["/ip4/192.0.2.1/tcp/4001", `/dns4/gateway.local/tcp/4001/p2p/${OTHER}`] },
  ]);
  assert.equal(peer?.addresses.map(String), [
    `/ip4/192.0.2.1/tcp/4001/p2p/${OTHER}`,
    `/dns4/gateway.local/tcp/4001/p2p/${OTHER}`,
  ]);
});

const REFUSED: readonly (readonly [string, string, readonly RosterEntry[]])[] = [
  ["oneself", "TRANSPORT_PEER_ID", [{ peerId: SELF, addresses: [] }]],
  [
    "a PeerId twice",
    "TRANSPORT_PEER_ID",
    [
      { peerId: OTHER, addresses: [] },
      { peerId: OTHER, addresses: [] },
    ],
  ],
  ["what is no PeerId", "TRANSPORT_PEER_ID", [{ peerId: "12D3KooWnot", addresses: [] }]],
  ["what is no multiaddr", "TRANSPORT_ADDRESS", [{ peerId: OTHER, addresses: ["192.0.2.1:4001"] }]],
  [
    "an address of somebody else",
    "TRANSPORT_ADDRESS",
    [{ peerId: OTHER, addresses: [`/ip4/192.0.2.1/tcp/1/p2p/${THIRD}`] }],
  ],
];

for (const [what, code, roster] of REFUSED) {
  test(`${what} is refused`, () => assert.is(codeOf(roster), code));
}

test("the hosts are the IP addresses among all addresses", () => {
  const roster = parseRoster(SELF, [
    { peerId: OTHER, addresses: ["/ip4/192.0.2.1/tcp/1", "/dns4/gateway.local/tcp/1"] },
    { peerId: THIRD, addresses: ["/ip6/2001:db8::1/tcp/1", "/ip4/192.0.2.1/tcp/2"] },
  ]);
  assert.equal([...hostsOf(roster)], ["192.0.2.1", "2001:db8::1"]);
});

test.run();
