import { multiaddr } from "@multiformats/multiaddr";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LinkKeeper, type LinkLayer } from "../../../../../agent/adapters/transport/linkKeeper.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const SOMEWHERE = [multiaddr("/ip4/192.0.2.1/tcp/4001")];

/** libp2p with its wires in the test's hands. */
function scene(names: readonly string[], self = "m", addresses = SOMEWHERE) {
  const clock = new FakeClock();
  const log = eventLog();
  const open = new Set<string>();
  const gossiping = new Set<string>();
  const dials: { readonly peerId: string; readonly atMs: number }[] = [];
  let answers: "never" | "refuses" | "connects" = "refuses";
  const links: LinkLayer = {
    connections: (peerId) => (open.has(peerId) ? [{ abort: () => void open.delete(peerId) }] : []),
    gossiping: () => gossiping,
    dial: async ({ peerId }, signal) => {
      dials.push({ peerId, atMs: clock.monotonicMs() });
      if (answers === "never") await new Promise((_, fail) => signal.addEventListener("abort", fail));
      if (answers === "refuses") throw new Error("refused");
      open.add(peerId);
    },
  };
  const roster = names.map((peerId) => ({ peerId, addresses }));
  const keeper = new LinkKeeper({ selfPeerId: self, roster, links, clock, logger: log });
  const answer = (how: typeof answers) => {
    answers = how;
  };
  const eventNames = () => log.events.map(({ event }) => event);
  return { clock, open, gossiping, dials, keeper, answer, eventNames };
}

const test = suite("LinkKeeper");

test("the lower PeerId dials at once, the higher one leaves it five seconds", async () => {
  const { keeper, dials, clock, answer } = scene(["a", "z"]);
  answer("connects");
  keeper.start();
  await clock.advance(0);
  assert.equal(dials, [{ peerId: "z", atMs: 0 }]);
  await clock.advance(4_750);
  assert.is(dials.length, 1);
  await clock.advance(250);
  assert.equal(dials[1], { peerId: "a", atMs: 5_000 });
  keeper.stop();
});

test("who has connected by then is not dialled", async () => {
  const { keeper, dials, clock, open, gossiping } = scene(["a"]);
  keeper.start();
  open.add("a");
  gossiping.add("a");
  await clock.advance(20_000);
  assert.equal(dials, []);
  keeper.stop();
});

test("failed dials are repeated for ever, at growing distances up to half a minute", async () => {
  const { keeper, dials, clock } = scene(["z"]);
  keeper.start();
  await clock.advance(600_000);
  const gaps = dials.slice(1).map(({ atMs }, index) => atMs - (dials[index]?.atMs ?? 0));
  const lookMs = 250;
  assert.ok(gaps.length > 20, `${gaps.length} dials`);
  for (const [index, gapMs] of gaps.entries()) {
    const ceilingMs = Math.min(30_000, 500 * 2 ** (index + 1));
    assert.ok(gapMs >= ceilingMs / 2 && gapMs <= ceilingMs + lookMs, `gap ${index} is ${gapMs} ms`);
  }
  keeper.stop();
});

test("at most four are dialled at once, those that were tried least first", async () => {
  const { keeper, dials, clock, answer } = scene(["n", "o", "p", "q", "r", "s"]);
  keeper.start();
  await clock.advance(0);
  assert.equal(
    dials.map(({ peerId }) => peerId),
    ["n", "o", "p", "q"],
  );
  answer("never");
  await clock.advance(250);
  assert.equal(
    dials.slice(4, 6).map(({ peerId }) => peerId),
    ["r", "s"],
  );
  await clock.advance(60_000);
  assert.is(dials.length, 8);
  keeper.stop();
});

test("a gateway without an address is waited for, not dialled", async () => {
  const { keeper, dials, clock } = scene(["z"], "m", []);
  keeper.start();
  await clock.advance(120_000);
  assert.equal(dials, []);
  keeper.stop();
});

test("a connection that does not gossip for fifteen seconds is hung up and dialled anew", async () => {
  const { keeper, dials, clock, open, answer } = scene(["z"]);
  answer("connects");
  keeper.start();
  await clock.advance(15_000);
  assert.ok(open.has("z"));
  assert.is(dials.length, 1);
  await clock.advance(250);
  assert.not(open.has("z"));
  await clock.advance(2_250);
  assert.is(dials.length, 2);
  keeper.stop();
});

test("a dial that connects and is cut off at once counts as tried: the distances grow all the same", async () => {
  const { keeper, dials, clock, open, answer } = scene(["z"]);
  answer("connects");
  keeper.start();
  for (let step = 0; step < 2_400; step += 1) {
    await clock.advance(25);
    open.delete("z");
  }
  assert.ok(dials.length < 10, `${dials.length} dials in a minute`);
  keeper.stop();
});

test("says once when a gateway comes and once when it goes", async () => {
  const { keeper, clock, open, gossiping, eventNames } = scene(["a"]);
  keeper.start();
  open.add("a");
  gossiping.add("a");
  await clock.advance(2_000);
  assert.equal(eventNames(), ["peer_connected"]);
  open.delete("a");
  gossiping.delete("a");
  await clock.advance(2_000);
  assert.equal(eventNames(), ["peer_connected", "peer_lost"]);
  keeper.stop();
});

test("stopping ends looking and gives up dials under way", async () => {
  const { keeper, dials, clock, answer } = scene(["z"]);
  answer("never");
  keeper.start();
  await clock.advance(0);
  keeper.stop();
  assert.is(clock.pendingCount(), 0);
  await clock.advance(60_000);
  assert.is(dials.length, 1);
});

test.run();
