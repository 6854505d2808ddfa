// time limit: 120 s
/**
 * A gateway loses its whole disk while no block can be decided, and its clock comes back behind: what it said before
 * stands with its neighbours only, and it must not say it again.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode } from "../../../agent/core/codec.ts";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { MAX_READING_BYTES, signedReading } from "../../../agent/core/metering/reading.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { INTERVAL_MS, MemoryStreet, type StreetGateway, secretKeyOf } from "../../support/memoryStreet.ts";

const ENERGIES = { dep1: [0, 100], dep2: [300, 0], dep3: [0, 50], dep4: [0, 70] } as const;
const DEP4 = memberIdOf(publicKeyOf(secretKeyOf("dep4")));

const lost = suite("a gateway without its disk");

function loseDisk({ outboxDisk, transactionDisk, storeDisk, voteDisk }: StreetGateway): void {
  for (const disk of [outboxDisk, transactionDisk]) {
    disk.pending.clear();
    Object.assign(disk, { boot: 0, nextSequence: 1, lastRelease: null });
  }
  Object.assign(storeDisk, { blocks: [], state: new Uint8Array() });
  Object.assign(voteDisk, { starts: 0, votes: [], abstention: null });
}

function statedBy({ outboxDisk }: StreetGateway) {
  return [...outboxDisk.pending.values()].flatMap(({ bytes }) => {
    const read = decode(bytes, signedReading, MAX_READING_BYTES);
    return read.kind === "accept" ? [read.value.reading] : [];
  });
}

lost("states nothing that its neighbours heard of it before, and its clock is behind", async () => {
  const clockAheadMs: Record<string, number> = {};
  const street = new MemoryStreet({ gateways: 4, clockAheadMs });
  await street.start();
  await street.pass(4, ENERGIES);
  for (const name of ["dep2", "dep3"]) street.cutPower(name);
  await street.pass(4, ENERGIES);
  const dep4 = street.gateway("dep4");
  const before = statedBy(dep4);
  const newest = Math.max(...before.map(({ interval }) => interval));
  assert.ok(before.length >= 3, "said, and in no block");
  street.cutPower("dep4");
  loseDisk(dep4);
  clockAheadMs.dep4 = -3 * INTERVAL_MS;
  await street.restart("dep4");
  await street.pass(6, ENERGIES);
  const after = statedBy(dep4);
  assert.ok(after.length > 0, "it goes on");
  assert.equal(
    after.filter(({ interval }) => interval <= newest),
    [],
  );
  const lastSequence = Math.max(...before.map(({ sequence }) => sequence));
  assert.ok(after.every(({ sequence }) => sequence > lastSequence));
  for (const name of ["dep2", "dep3"]) await street.restart(name);
  await street.pass(8, ENERGIES);
  const bodies = street.gateway("dep1").storeDisk.blocks.flatMap(({ block }) => {
    const read = readBlock(block);
    return read.kind === "accept" ? [read.value.body] : [];
  });
  const settled = bodies.flatMap(({ intervals }) =>
    intervals.flatMap(({ readings }) => readings.map(({ reading }) => reading)),
  );
  const own = settled.filter(({ member }) => member === DEP4).map(({ interval }) => interval);
  for (const { interval } of before) assert.ok(own.includes(interval), `interval ${interval - newest}`);
  const evidence = bodies.flatMap(({ transactions }) =>
    transactions.flatMap(({ signed: { transaction } }) =>
      transaction.content.kind === "evidence" ? [transaction.content.evidence.kind] : [],
    ),
  );
  assert.not.ok(evidence.includes("readings"), "no contradicting statement of it is on the ledger");
  for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  await street.stop();
});

lost.run();
