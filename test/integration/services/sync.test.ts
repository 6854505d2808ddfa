/** What gossip lost is pulled: votes, proposals, readings and blocks, from whoever has them and tells the truth. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes } from "../../../agent/core/bytes.ts";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { verifyNext } from "../../../agent/core/ledger/chain/chain.ts";
import { genesisState } from "../../../agent/core/ledger/state/context.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { readWire } from "../../../agent/core/wire.ts";
import type { Transport } from "../../../agent/ports/transport.ts";
import { lyingPeer } from "../../support/lyingPeer.ts";
import { INTERVAL_MS, MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";
import type { Hop } from "../../support/memoryTransport.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;

const sync = suite("sync in a street of four");

async function withStreet(
  options: ConstructorParameters<typeof MemoryStreet>[0],
  run: (street: MemoryStreet) => Promise<void>,
  later: readonly string[] = [],
): Promise<void> {
  const built = new MemoryStreet(options);
  await built.start(later);
  try {
    await run(built);
    for (const { name, faults } of built.gateways) assert.equal(faults, [], name);
  } finally {
    await built.stop();
  }
  await built.clock.advance(20_000);
  assert.is(built.clock.pendingCount(), 0, "a stopped agent sets no timer again");
}

async function heads(built: MemoryStreet): Promise<readonly string[]> {
  const statuses = await Promise.all(built.gateways.map(({ agent }) => agent.status()));
  return [...new Set(statuses.map(({ ledger }) => `${ledger.height} ${ledger.head}`))];
}

async function heightOf(built: MemoryStreet, name: string): Promise<number> {
  return (await built.gateway(name).agent.status()).ledger.height;
}

function voteIn(built: MemoryStreet, { channel, bytes }: Hop) {
  const { roster, voters } = built.context;
  const read = channel === "votes" ? readWire(channel, bytes, roster.chainId, () => voters.voters) : null;
  return read?.kind === "accept" && read.value.kind === "vote" ? read.value.message : null;
}

const isOf = (name: string) => (hop: Hop) => hop.from === name || hop.to === name;

sync(
  "a gateway that gossip never reaches has every block by asking alone, and its readings are settled",
  () =>
    withStreet({ gateways: 4 }, async (built) => {
      built.hub.dropWhere(isOf("dep4"));
      await built.pass(8, ENERGIES);
      await built.clock.advance(INTERVAL_MS / 2);
      assert.is((await heads(built)).length, 1);
      assert.ok((await heightOf(built, "dep4")) >= 6);
      const dep4 = memberIdOf(publicKeyOf(secretKeyOf("dep4")));
      const settled = built.gateway("dep1").storeDisk.blocks.filter(({ block }) => {
        const read = readBlock(block);
        if (read.kind !== "accept") return false;
        const readings = read.value.body.intervals.flatMap((interval) => interval.readings);
        return readings.some(({ reading }) => reading.member === dep4);
      });
      assert.ok(settled.length >= 6, `${settled.length} blocks have a reading of dep4`);
    }),
);

sync("a gateway that was cut off catches up and votes again", () =>
  withStreet({ gateways: 4 }, async (built) => {
    await built.pass(3, ENERGIES);
    built.hub.partition(["dep1", "dep2", "dep3"], ["dep4"]);
    await built.pass(6, ENERGIES);
    const before = await heightOf(built, "dep4");
    assert.ok((await heightOf(built, "dep1")) >= before + 5);
    built.hub.heal();
    await built.clock.advance(INTERVAL_MS / 2);
    assert.is((await heads(built)).length, 1);
    const caughtUp = built.gateway("dep4").log.events.find(({ event }) => event === "sync.caught-up");
    assert.ok(Number(caughtUp?.fields.blocks) >= 5);
    const { sync: progress, participation } = await built.gateway("dep4").agent.status();
    assert.equal([progress.behindBy, progress.source, participation], [0, null, "voter"]);
    built.hub.partition(["dep1", "dep2", "dep4"], ["dep3"]);
    const height = await heightOf(built, "dep1");
    await built.pass(4, ENERGIES);
    assert.ok((await heightOf(built, "dep1")) >= height + 2, "the quorum of three needs dep4's votes");
  }),
);

sync("a gateway that may have forgotten votes and was away has every block again, and is let back", () =>
  withStreet({ gateways: 4, startedBefore: ["dep4"] }, async (built) => {
    await built.pass(2, ENERGIES);
    built.hub.partition(["dep1", "dep2", "dep3"], ["dep4"]);
    await built.pass(4, ENERGIES);
    built.hub.heal();
    await built.pass(2, ENERGIES);
    assert.is((await heads(built)).length, 1);
    assert.ok((await heightOf(built, "dep4")) >= 6);
    assert.is((await built.gateway("dep4").agent.status()).participation, "voter");
  }),
);

sync("a proposal that one gateway never hears is found as soon as a quorum stands behind it", () =>
  withStreet({ gateways: 4 }, async (built) => {
    await built.pass(3, ENERGIES);
    const { office } = await built.gateway("dep1").agent.status();
    const deaf = built.gateways.find(({ name }) => name !== office?.dsoName)?.name ?? "";
    built.hub.dropWhere((hop) => hop.to === deaf && voteIn(built, hop)?.kind === "proposal");
    for (let interval = 0; interval < 4; interval += 1) {
      await built.pass(1, ENERGIES);
      await built.clock.advance(1_000);
      assert.is((await heads(built)).length, 1);
      await built.clock.advance(INTERVAL_MS - 1_000);
    }
    const missed = built.gateway(deaf).log.events.filter(({ event }) => event === "block.body-missing");
    assert.ok(missed.length > 0, "the quorum was there before the body");
    assert.is(await built.refused(deaf, "SYNC_BODY_OTHER"), 0);
  }),
);

sync("three gateways whose votes are lost on one way still agree", () =>
  withStreet({ gateways: 4 }, async (built) => {
    built.hub.partition(["dep1", "dep2", "dep3"], ["dep4"]);
    built.hub.dropWhere((hop) => hop.to === "dep2" && hop.channel === "votes");
    await built.pass(12, ENERGIES);
    assert.ok((await heightOf(built, "dep1")) >= 2);
    assert.ok((await heightOf(built, "dep2")) >= 2);
  }),
);

sync(
  "a gateway that joins at height 30 with an empty disk gets every block, each with its own certificate",
  () =>
    withStreet(
      { gateways: 4 },
      async (built) => {
        await built.pass(32, ENERGIES);
        assert.ok((await heightOf(built, "dep1")) >= 30);
        await built.gateway("dep4").agent.start();
        await built.clock.advance(2_000);
        assert.is((await heads(built)).length, 1);
        const { blocks } = built.gateway("dep4").storeDisk;
        const original = built.gateway("dep1").storeDisk.blocks;
        assert.is(blocks.length, original.length);
        let state = genesisState(built.context);
        for (const [index, entry] of blocks.entries()) {
          assert.ok(equalBytes(entry.block, original[index]?.block ?? new Uint8Array()));
          const verified = verifyNext(built.context, state, entry);
          if (verified.kind !== "accept") return assert.unreachable(verified.code);
          state = verified.value.state;
        }
        await built.pass(2, ENERGIES);
        assert.is((await heads(built)).length, 1);
      },
      ["dep4"],
    ),
);

sync("catching up takes many short answers, goes on after an interruption, and holds nobody else up", () => {
  const oneByOne = (name: string, transport: Transport, { context }: MemoryStreet) =>
    name === "dep4"
      ? transport
      : lyingPeer(
          transport,
          () => context,
          (answer) => ({ ...answer, blocks: answer.blocks.slice(0, 1) }),
        );
  return withStreet(
    { gateways: 4, wrapTransport: oneByOne },
    async (built) => {
      await built.pass(32, ENERGIES);
      await built.gateway("dep4").agent.start();
      await built.clock.advance(1_500);
      const before = await heightOf(built, "dep4");
      assert.ok(before > 0 && before < 30, `${before} of 30 blocks`);
      assert.ok((await built.gateway("dep4").agent.status()).sync.behindBy > 0);
      built.hub.partition(["dep1", "dep2", "dep3"], ["dep4"]);
      await built.pass(2, ENERGIES);
      assert.is(await heightOf(built, "dep4"), before);
      built.hub.heal();
      await built.pass(2, ENERGIES);
      assert.is((await heads(built)).length, 1);
      const { events } = built.gateway("dep1").log;
      assert.not(
        events.some(({ event }) => event === "dso.recalled"),
        "the others agreed in round 0 throughout",
      );
      const left = built
        .gateway("dep4")
        .log.events.flatMap(({ event, fields }) => (event === "dso.recalled" ? [Number(fields.height)] : []));
      assert.equal(
        [...new Set(left)].filter((height) => height <= 30),
        [before + 1],
        "rounds while it was cut off only",
      );
    },
    ["dep4"],
  );
});

sync.run();
