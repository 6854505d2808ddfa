import type { MultiaddrConnection } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { rosterGater } from "../../../../../agent/adapters/transport/connectionGater.ts";
import { peerIdOf } from "../../../../../agent/adapters/transport/peerId.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { seedOf } from "../../../../support/transportStreet.ts";

const MEMBER = peerIdFromString(peerIdOf(seedOf(0)));
const STRANGER = peerIdFromString(peerIdOf(seedOf(1)));
const ADDRESS = multiaddr("/ip4/192.0.2.7/tcp/4001");

/** Every hook of `ConnectionGater`. @source @libp2p/interface 3, src/connection-gater.ts */
const HOOKS = [
  "denyDialPeer",
  "denyDialMultiaddr",
  "denyInboundConnection",
  "denyOutboundConnection",
  "denyInboundEncryptedConnection",
  "denyOutboundEncryptedConnection",
  "denyInboundUpgradedConnection",
  "denyOutboundUpgradedConnection",
  "denyInboundRelayReservation",
  "denyOutboundRelayedConnection",
  "denyInboundRelayedConnection",
  "filterMultiaddrForPeer",
] as const;

function gaterFor(open = 0, clock = new FakeClock()) {
  return rosterGater({
    roster: new Set([MEMBER.toString()]),
    hosts: new Set(["192.0.2.1"]),
    clock,
    connectionsWith: () => open,
  });
}

function from(host: string): MultiaddrConnection {
  return { remoteAddr: multiaddr(`/ip4/${host}/tcp/5000`) } as MultiaddrConnection;
}

const test = suite("rosterGater");

test("sets every hook, and no other", () => {
  assert.equal(Object.keys(gaterFor()).sort(), [...HOOKS].sort());
});

test("lets members through and nobody else, whichever way", () => {
  const gater = gaterFor();
  const connection = from("192.0.2.7");
  for (const [peer, denies] of [
    [MEMBER, false],
    [STRANGER, true],
  ] as const) {
    assert.is(gater.denyDialPeer(peer), denies);
    assert.is(gater.denyDialMultiaddr(ADDRESS.encapsulate(`/p2p/${peer}`)), denies);
    assert.is(gater.denyOutboundConnection(peer, connection), denies);
    assert.is(gater.denyInboundEncryptedConnection(peer, connection), denies);
    assert.is(gater.denyOutboundEncryptedConnection(peer, connection), denies);
    assert.is(gater.denyInboundUpgradedConnection(peer, connection), denies);
    assert.is(gater.denyOutboundUpgradedConnection(peer, connection), denies);
    assert.is(gater.filterMultiaddrForPeer(peer, ADDRESS), !denies);
  }
});

test("dials no address that does not say whom it expects there", () => {
  assert.is(gaterFor().denyDialMultiaddr(ADDRESS), true);
});

test("relays nothing, for members neither", () => {
  const gater = gaterFor();
  assert.is(gater.denyInboundRelayReservation(MEMBER), true);
  assert.is(gater.denyOutboundRelayedConnection(MEMBER, MEMBER), true);
  assert.is(gater.denyInboundRelayedConnection(MEMBER, MEMBER), true);
});

test("a member may have two connections, while dials cross, but not three", () => {
  assert.is(gaterFor(1).denyInboundEncryptedConnection(MEMBER, from("192.0.2.1")), false);
  assert.is(gaterFor(2).denyInboundEncryptedConnection(MEMBER, from("192.0.2.1")), true);
});

test("an unknown host may try five times a second; the roster's hosts and loopback as often as they like", () => {
  const clock = new FakeClock();
  const gater = gaterFor(0, clock);
  const denied = (host: string) => Array.from({ length: 7 }, () => gater.denyInboundConnection(from(host)));
  const fiveOfSeven = [false, false, false, false, false, true, true];
  assert.equal(denied("198.51.100.1"), fiveOfSeven);
  assert.equal(denied("198.51.100.2"), fiveOfSeven);
  assert.ok(!denied("192.0.2.1").includes(true));
  assert.ok(!denied("127.0.0.1").includes(true));
});

test("the count of an unknown host starts anew each second", async () => {
  const clock = new FakeClock();
  const gater = gaterFor(0, clock);
  const refusals = () =>
    Array.from({ length: 6 }, () => gater.denyInboundConnection(from("198.51.100.1"))).at(-1);
  assert.is(refusals(), true);
  await clock.advance(999);
  assert.is(gater.denyInboundConnection(from("198.51.100.1")), true);
  await clock.advance(1);
  assert.is(gater.denyInboundConnection(from("198.51.100.1")), false);
});

test("beyond 1024 unknown hosts a second, further ones are refused", () => {
  const gater = gaterFor();
  for (let host = 0; host < 1024; host += 1) {
    assert.is(gater.denyInboundConnection(from(`10.0.${host >> 8}.${host & 255}`)), false);
  }
  assert.is(gater.denyInboundConnection(from("198.51.100.1")), true);
  assert.is(gater.denyInboundConnection(from("10.0.0.0")), false);
});

test.run();
