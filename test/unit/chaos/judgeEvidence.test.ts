import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Hash } from "../../../agent/core/hash.ts";
import { height } from "../../../agent/core/units.ts";
import type { Evidence, FoundBlock, FoundReading } from "../../chaos/evidence.ts";
import { chainFaults, readingFaults, takenBack, unsettledReadings } from "../../chaos/judgeEvidence.ts";

const MEMBERS = new Map([
  ["a", "meter-a"],
  ["b", "meter-b"],
]);

const judge = suite("what the gateways left");

judge("is in order when the chains agree as far as they reach and each reading is in one block", () => {
  const street = [gateway("a", 3), gateway("b", 2)];
  assert.equal(chainFaults(street), []);
  assert.equal(readingFaults(street, MEMBERS), []);
  assert.equal(unsettledReadings(street), { open: 0, late: 0 });
});

judge("names the height at which two gateways have another block", () => {
  const other = gateway("b", 3);
  const fork = withBlock(other, 2, (block) => ({ ...block, blockHash: hashOf("f") }));
  assert.ok(chainFaults([gateway("a", 3), fork]).some((fault) => fault.startsWith("height 3: a")));
});

judge("names a block that does not follow from the one below, or skips an interval", () => {
  const unlinked = withBlock(gateway("a", 3), 1, (block) => ({ ...block, parentHash: hashOf("f") }));
  assert.equal(chainFaults([unlinked]), ["a: block 2 does not follow from the one below"]);
  const skipping = withBlock(gateway("a", 3), 2, (block) => ({ ...block, from: block.from + 1 }));
  assert.equal(chainFaults([skipping]), ["a: block 3 skips intervals"]);
});

judge("names a commit that was told and is not in the ledger of who told it", () => {
  const street = [gateway("a", 2), gateway("b", 1)];
  const told = (name: string, at: number, blockHash: Hash) => ({
    gateway: name,
    height: height(at),
    blockHash,
    heardAtMs: 0,
  });
  assert.equal(takenBack(street, [told("a", 2, blockHashAt(2)), told("b", 1, blockHashAt(1))]), []);
  assert.is(takenBack(street, [told("b", 2, blockHashAt(2))]).length, 1);
  assert.is(takenBack(street, [told("a", 2, hashOf("f"))]).length, 1);
});

judge("names a reading that is in two blocks", () => {
  const twice = withBlock(gateway("a", 3), 2, (block) => ({ ...block, readings: [reading("meter-a", 2)] }));
  const faults = readingFaults([twice], MEMBERS);
  assert.ok(faults.some((fault) => fault.startsWith("a: sequence 2 of interval 102 follows")));
  assert.ok(faults.includes("a: sequence 2 settles interval 102, as 2 does"));
});

judge("names a reading that left the outbox and is in no block", () => {
  const lost = withBlock(gateway("a", 3), 1, (block) => ({ ...block, readings: [] }));
  assert.equal(readingFaults([lost], MEMBERS), ["a: sequence 2 left the outbox and is in no block: lost"]);
});

judge("takes a late reading for settled, and names one whose intervals are settled already", () => {
  const unsettled = withBlock(gateway("a", 3), 1, (block) => ({ ...block, readings: [] }));
  const settled = withBlock(unsettled, 2, (block) => ({ ...block, late: [reading("meter-a", 2)] }));
  assert.equal(readingFaults([settled], MEMBERS), []);
  const span = { ...reading("meter-a", 2), kind: "spanning", from: 101 } as const;
  const overlapping = withBlock(unsettled, 2, (block) => ({ ...block, late: [span] }));
  assert.ok(
    readingFaults([overlapping], MEMBERS).includes("a: sequence 2 settles interval 101, as 1 does") ||
      readingFaults([overlapping], MEMBERS).includes("a: sequence 1 settles interval 101, as 2 does"),
  );
});

judge("lets a reading without energy leave the outbox when its interval is closed without it", () => {
  const sound = gateway("a", 3);
  const missing = { ...reading("meter-a", 2), kind: "missing" } as const;
  const readings = sound.outbox.readings.map((one) => (one.sequence === 2 ? missing : one));
  const left = withBlock(sound, 1, (block) => ({ ...block, readings: [] }));
  assert.equal(readingFaults([{ ...left, outbox: { ...left.outbox, readings } }], MEMBERS), []);
});

judge("names a reading in a block that the outbox was never given", () => {
  const altered = withBlock(gateway("a", 3), 1, (block) => ({
    ...block,
    readings: [{ ...reading("meter-a", 2), id: hashOf("f") }],
  }));
  assert.equal(readingFaults([altered], MEMBERS), [
    "a: sequence 2 in a block is not what the outbox was given",
  ]);
});

judge("names an interval that was signed twice and a sequence that is missing in the outbox", () => {
  const sound = gateway("a", 2);
  const readings = [reading("meter-a", 1), { ...reading("meter-a", 3), interval: 101 }];
  const outbox = { ...sound.outbox, readings, released: new Set<number>() };
  assert.equal(readingFaults([{ ...sound, chain: [], outbox }], MEMBERS), [
    "a: the outbox has sequence 3 in place 2",
    "a: interval 101 was signed as 1 and as 3",
  ]);
});

judge("counts readings in no block by whether their interval was settled without them", () => {
  const sound = gateway("a", 2);
  const late = { ...reading("meter-a", 3), interval: 102 };
  const open = { ...reading("meter-a", 4), interval: 103 };
  const outbox = { ...sound.outbox, readings: [...sound.outbox.readings.slice(0, 2), late, open] };
  assert.equal(unsettledReadings([{ ...sound, outbox }]), { open: 1, late: 1 });
});

judge.run();

/** A gateway with that many blocks of both members' readings; sequence n is of interval 100 + n. */
function gateway(name: string, blocks: number): Evidence {
  const member = MEMBERS.get(name) ?? "";
  const sequences = Array.from({ length: 3 }, (_, index) => index + 1);
  return {
    name,
    chain: Array.from({ length: blocks }, (_, index) => block(index + 1)),
    outbox: {
      boots: 1,
      nextSequence: 4,
      isRewritten: false,
      readings: sequences.map((sequence) => reading(member, sequence)),
      released: new Set(sequences.slice(0, blocks)),
    },
  };
}

function block(at: number): FoundBlock {
  return {
    height: height(at),
    blockHash: blockHashAt(at),
    parentHash: blockHashAt(at - 1),
    from: 100 + at,
    to: 100 + at,
    readings: [...MEMBERS.values()].map((member) => reading(member, at)),
    late: [],
  };
}

function reading(member: string, sequence: number): FoundReading {
  const interval = 100 + sequence;
  const id = hashOf(`${member.at(-1)}${sequence}`);
  return { member, kind: "measured", sequence, from: interval, interval, id };
}

function withBlock(evidence: Evidence, index: number, change: (block: FoundBlock) => FoundBlock): Evidence {
  return { ...evidence, chain: evidence.chain.map((found, at) => (at === index ? change(found) : found)) };
}

function blockHashAt(at: number): Hash {
  return hashOf(String(at));
}

function hashOf(text: string): Hash {
  return text.padStart(64, "0") as Hash;
}
