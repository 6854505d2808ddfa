import { suite } from "uvu";
import * as assert from "uvu/assert";
import { height } from "../../../../../agent/core/units.ts";
import { syncPeers } from "../../../../../agent/services/exchange/syncPeers.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const test = suite("syncPeers");

const STREET = ["a", "b", "c"];
const NOBODY: ReadonlySet<string> = new Set();

/** Peers that are all known already; chance always takes the `place`-th of equals. */
function knownPeers(place = 0) {
  const clock = new FakeClock();
  const peers = syncPeers(clock, () => place / 3);
  peers.choose(STREET, height(0), NOBODY);
  return { clock, peers };
}

test("picks among the connected by chance", () => {
  assert.equal(
    [0, 1, 2].map((place) => knownPeers(place).peers.choose(STREET, height(5), NOBODY)),
    STREET,
  );
  assert.is(knownPeers().peers.choose([], height(5), NOBODY), null);
});

test("asks first who claims to be ahead, then whose reading is awaited, then who has come back", () => {
  const { peers } = knownPeers();
  const back = [...STREET, "d"];
  peers.claim("c", height(6));
  peers.claim("a", height(5));
  assert.is(peers.choose(STREET, height(5), new Set(["b"])), "c");
  assert.is(peers.choose(STREET, height(6), new Set(["b"])), "b");
  assert.is(peers.choose(back, height(6), NOBODY), "d");
  assert.is(peers.choose(back, height(6), NOBODY), "a", "it is back only once");
});

test("asks anybody else after a turn that took long, whoever claims, is awaited or has come back", () => {
  const { peers } = knownPeers();
  peers.claim("c", height(6));
  peers.noteTurn(10_000);
  assert.is(peers.choose(STREET, height(5), new Set(["c"])), "b", "a was asked last");
  peers.noteTurn(10);
  assert.is(peers.choose(STREET, height(5), NOBODY), "c");
  peers.noteTurn(10_000);
  assert.is(peers.choose(["c"], height(5), NOBODY), "c", "there is nobody else");
});

test("asks nobody who is avoided, believes none of their claims, and asks them again later", async () => {
  const { clock, peers } = knownPeers();
  peers.claim("a", height(900));
  peers.avoid("a", 1_000);
  assert.is(peers.aheadBy(height(5)), 0);
  peers.claim("a", height(900));
  assert.is(peers.aheadBy(height(5)), 0);
  assert.is(peers.choose(STREET, height(5), new Set(["a"])), "b");
  assert.is(peers.choose(["a"], height(5), NOBODY), null);
  await clock.advance(1_000);
  peers.claim("a", height(9));
  assert.is(peers.choose(STREET, height(5), NOBODY), "a");
});

test("tells by how much the highest claim is ahead", () => {
  const { peers } = knownPeers();
  assert.is(peers.aheadBy(height(5)), 0);
  peers.claim("a", height(7));
  peers.claim("b", height(6));
  assert.is(peers.aheadBy(height(5)), 2);
  assert.is(peers.aheadBy(height(9)), 0);
});

test.run();
