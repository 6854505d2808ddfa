// time limit: 400 s
/** Catching up by a certified state where blocks would take too long or are no longer there. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { height } from "../../../agent/core/units.ts";
import { giveLedger, longChain, startAfter } from "../../support/longChain.ts";
import { lyingPeer } from "../../support/lyingPeer.ts";
import type { StreetOptions } from "../../support/memoryStreet.ts";
import { MemoryStreet } from "../../support/memoryStreet.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;
const BLOCKS = 600;
const BEFORE_SNAPSHOT = 40;

const test = suite("a snapshot");

/** Three gateways with a long ledger, and dep4 with what the test gives it. */
async function withStreet(
  options: Partial<StreetOptions>,
  prepare: (street: MemoryStreet, chain: ReturnType<typeof longChain>) => void,
  run: (street: MemoryStreet) => Promise<void>,
): Promise<void> {
  const street = new MemoryStreet({ gateways: 4, blocksBeforeSnapshot: BEFORE_SNAPSHOT, ...options });
  const chain = longChain(street, BLOCKS);
  for (const name of ["dep1", "dep2", "dep3"]) giveLedger(street, name, chain);
  prepare(street, chain);
  await startAfter(street, BLOCKS);
  try {
    await run(street);
    for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  } finally {
    await street.stop();
  }
}

const adoptions = (street: MemoryStreet) =>
  street
    .gateway("dep4")
    .log.events.flatMap(({ event, fields }) => (event === "sync.snapshot-adopted" ? [fields.height] : []));

async function assertTogether(street: MemoryStreet): Promise<void> {
  await street.pass(3, ENERGIES);
  await street.clock.advance(1_000);
  const statuses = await Promise.all(street.gateways.map(({ agent }) => agent.status()));
  assert.is(new Set(statuses.map(({ ledger }) => `${ledger.height} ${ledger.head}`)).size, 1);
  assert.ok((statuses[3]?.ledger.height ?? 0) > BLOCKS);
}

test("takes a gateway with an empty disk to the newest one, then blocks do, and it votes", () =>
  withStreet(
    {},
    () => {},
    async (street) => {
      await assertTogether(street);
      assert.equal(adoptions(street), [512]);
      const { storeDisk, agent } = street.gateway("dep4");
      assert.is(storeDisk.base, height(512));
      assert.ok(storeDisk.blocks[510] === undefined);
      assert.equal(storeDisk.blocks[511], street.gateway("dep1").storeDisk.blocks[511]);
      assert.is((await agent.status()).participation, "voter");
      street.cutPower("dep1");
      const before = (await agent.status()).ledger.height;
      await street.pass(4, ENERGIES);
      assert.ok((await agent.status()).ledger.height >= before + 2, "the quorum of three needs dep4");
      await street.clock.advance(40);
      street.cutPower("dep4");
      await street.clock.advance(40);
      await street.restart("dep4");
      assert.ok((await street.gateway("dep4").agent.status()).ledger.height >= before + 2, "opens again");
    },
  ));

test("takes a gateway on that was away for longer than blocks are fetched; its old blocks stay readable", () =>
  withStreet(
    {},
    (street) => giveLedger(street, "dep4", longChain(street, 30)),
    async (street) => {
      await assertTogether(street);
      assert.equal(adoptions(street), [512]);
      assert.is((await street.gateway("dep4").agent.block(height(7)))?.height, height(7));
      assert.ok((await street.gateway("dep4").agent.block(height(450))) === null);
    },
  ));

test("is not needed by a gateway that is less far behind", () =>
  withStreet(
    {},
    (street) => giveLedger(street, "dep4", longChain(street, BLOCKS - 50)),
    async (street) => {
      await assertTogether(street);
      assert.equal(adoptions(street), []);
      assert.is(street.gateway("dep4").storeDisk.base, undefined);
    },
  ));

test("is all that gateways can give whose own ledgers begin with one", () =>
  withStreet(
    { blocksBeforeSnapshot: 10_000 },
    (street, chain) => {
      const [newest] = chain.snapshots;
      const blocks = chain.blocks.map((block) => (block.height < 512 ? undefined : block));
      const based = { ...chain, blocks, base: height(512), snapshots: [newest] };
      for (const name of ["dep1", "dep2", "dep3"]) giveLedger(street, name, based as typeof chain);
      giveLedger(street, "dep4", longChain(street, 500));
    },
    async (street) => {
      await assertTogether(street);
      assert.equal(adoptions(street), [512]);
      const refused = street.gateway("dep4").log.events.filter(({ event }) => event === "sync.peer-avoided");
      assert.equal(refused, [], "who cannot give a block does not lie");
    },
  ));

test("is not fetched because one gateway alone claims to be far ahead", () =>
  withStreet(
    {
      wrapTransport: (name, transport, street) =>
        name === "dep1"
          ? lyingPeer(
              transport,
              () => street.context,
              (answer) => ({ ...answer, head: height(1_000_000) }),
            )
          : transport,
    },
    (street) => {
      const near = longChain(street, 20);
      for (const name of ["dep1", "dep2", "dep3", "dep4"]) giveLedger(street, name, near);
    },
    async (street) => {
      await street.clock.advance(3_000);
      assert.equal(adoptions(street), []);
      assert.ok((await street.refused("dep4", "SYNC_CLAIM_UNPROVEN")) >= 1);
    },
  ));

test.run();
