// time limit: 300 s
/** Outages of a gateway, a meter and a street: whatever missed its block is settled by later ones, to the watt-hour. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Block, readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { readState } from "../../../agent/core/ledger/state/state.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const NAMES = ["dep1", "dep2", "dep3", "dep4"] as const;
const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;

const outages = suite("a street of four, after an outage");

async function withStreet(run: (street: MemoryStreet) => Promise<void>): Promise<void> {
  const street = new MemoryStreet({ gateways: 4 });
  await street.start();
  try {
    await run(street);
    for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  } finally {
    await street.stop();
  }
}

const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));

function blocksOf(street: MemoryStreet, name = "dep1"): readonly Block[] {
  return street.gateway(name).storeDisk.blocks.map(({ block }) => {
    const read = readBlock(block);
    if (read.kind !== "accept") throw new Error(read.code);
    return read.value;
  });
}

/** @returns late readings of a gateway as `kind from-to`, counted from the first interval, in the order settled */
function lateOf(street: MemoryStreet, name: string): readonly string[] {
  const { firstInterval } = street.context.genesis;
  return blocksOf(street).flatMap(({ body }) =>
    body.late.flatMap(({ signed: { reading } }) => {
      if (reading.member !== idOf(name)) return [];
      const from = reading.content.kind === "spanning" ? reading.content.from : reading.interval;
      return [`${reading.content.kind} ${from - firstInterval}-${reading.interval - firstInterval}`];
    }),
  );
}

/** Every gateway's settled energy is what its table says for each interval from its first measured to its last. */
function checkNothingIsLost(street: MemoryStreet): void {
  const { state } = street.gateway("dep1").storeDisk;
  const read = readState(state);
  if (read.kind !== "accept") return assert.unreachable(read.code);
  const intervals = BigInt(read.value.nextInterval - street.context.genesis.firstInterval);
  for (const name of NAMES) {
    const { totals, coverage } = read.value.members.get(idOf(name))!;
    assert.equal(coverage.gaps, [], name);
    const [generated, consumed] = ENERGIES[name];
    assert.is(
      totals.generated + totals.corrected.generated,
      intervals * BigInt(generated),
      `${name} generated`,
    );
    assert.is(totals.consumed + totals.corrected.consumed, intervals * BigInt(consumed), `${name} consumed`);
    assert.equal(totals.quarantined, { generated: 0n, consumed: 0n });
  }
}

const outboxOf = async (street: MemoryStreet, name: string) =>
  (await street.gateway(name).agent.status()).outboxReadings;

outages("spans the time in which a gateway was without power", () =>
  withStreet(async (street) => {
    await street.pass(4, ENERGIES);
    street.cutPower("dep3");
    await street.pass(3, ENERGIES);
    await street.restart("dep3");
    await street.pass(6, ENERGIES);
    assert.equal(lateOf(street, "dep3").length, 1);
    assert.match(lateOf(street, "dep3")[0] ?? "", /^spanning \d+-\d+$/);
    checkNothingIsLost(street);
    assert.ok((await outboxOf(street, "dep3")) <= 1);
  }),
);

outages("settles late, in order and once, what a gateway measured while it reached nobody", () =>
  withStreet(async (street) => {
    await street.pass(4, ENERGIES);
    street.hub.partition(["dep1", "dep2", "dep3"], ["dep4"]);
    await street.pass(5, ENERGIES);
    assert.ok((await outboxOf(street, "dep4")) >= 5, "they wait in the outbox");
    street.hub.heal();
    await street.pass(5, ENERGIES);
    const late = lateOf(street, "dep4");
    assert.ok(late.length >= 4, late.join());
    assert.equal([...late].sort(byPlace), late);
    assert.ok(
      late.every((one) => one.startsWith("measured")),
      late.join(),
    );
    checkNothingIsLost(street);
    assert.ok((await outboxOf(street, "dep4")) <= 1);
  }),
);

outages("spans the two intervals that meet where a meter did not answer", () =>
  withStreet(async (street) => {
    await street.pass(4, ENERGIES);
    street.gateway("dep2").consumption.fail("DRIVER_TIMEOUT");
    await street.pass(1, ENERGIES);
    street.gateway("dep2").consumption.fail(null);
    await street.pass(5, ENERGIES);
    const [span, ...others] = lateOf(street, "dep2");
    assert.equal(others, []);
    const [, from, to] = /^spanning (\d+)-(\d+)$/.exec(span ?? "") ?? [];
    assert.is(Number(to) - Number(from), 1);
    checkNothingIsLost(street);
  }),
);

outages(
  "says that there is no quorum, meters on, and settles every interval in order when there is one again",
  () =>
    withStreet(async (street) => {
      await street.pass(4, ENERGIES);
      const before = await street.gateway("dep1").agent.status();
      assert.is(before.settlement.state, "settling");
      street.hub.partition(["dep1", "dep2"], ["dep3", "dep4"]);
      await street.pass(8, ENERGIES);
      const { settlement, voters, outboxReadings } = await street.gateway("dep1").agent.status();
      assert.equal([settlement.state, voters.connected, voters.quorum], ["no-quorum", 2, 3]);
      assert.ok(settlement.unsettledIntervals >= 7 && settlement.since !== null);
      assert.ok(outboxReadings >= 7);
      street.hub.heal();
      await street.pass(4, ENERGIES);
      const ranges = blocksOf(street).map(({ header }) => header.to - header.from + 1);
      assert.ok(Math.max(...ranges) >= 7, `blocks of ${ranges.join()} intervals`);
      assert.is((await street.gateway("dep1").agent.status()).settlement.state, "settling");
      for (const name of NAMES)
        assert.ok(
          lateOf(street, name).every((one) => one.startsWith("measured")),
          "nobody has anything to span",
        );
      checkNothingIsLost(street);
    }),
);

outages("settles everything after the whole street was without power", () =>
  withStreet(async (street) => {
    await street.pass(4, ENERGIES);
    for (const name of NAMES) street.cutPower(name);
    await street.pass(3, ENERGIES);
    for (const name of NAMES) await street.restart(name);
    await street.pass(7, ENERGIES);
    for (const name of NAMES)
      assert.is(lateOf(street, name).filter((one) => one.startsWith("spanning")).length, 1, name);
    checkNothingIsLost(street);
  }),
);

function byPlace(left: string, right: string): number {
  const placeOf = (text: string) => Number(/\d+/.exec(text)?.[0]);
  return placeOf(left) - placeOf(right);
}

outages.run();
