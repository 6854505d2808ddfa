import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterDefinition } from "../../../drivers/definition.ts";
import { eastronSdm120 } from "../../../drivers/definitions/eastronSdm120.ts";
import { eastronSdm630 } from "../../../drivers/definitions/eastronSdm630.ts";
import { covers, planReads, type ReadLimits, type RegisterRead, wordsOf } from "../../../drivers/plan.ts";
import { SETTLED_QUANTITIES } from "../../../drivers/quantity.ts";
import type { RegisterPlace, RegisterType } from "../../../drivers/register.ts";

const TYPES: readonly RegisterType[] = ["u16", "i32", "f32", "u64"];
const OPEN: ReadLimits = { maxRegistersPerRead: 60, maxGapRegisters: 8, readsInPairs: false };
const test = suite("drivers/plan");

test("a full read-out of an SDM630 is three reads, none above 60 registers", () => {
  assert.equal(planReads(eastronSdm630, eastronSdm630.registers), [
    { table: "input", address: 0, count: 58 },
    { table: "input", address: 60, count: 20 },
    { table: "input", address: 0x156, count: 22 },
  ]);
});

test("what is settled on an SDM630 is one read", () => {
  assert.equal(planReads(eastronSdm630, settled(eastronSdm630)), [
    { table: "input", address: 0x34, count: 24 },
  ]);
});

test("what is settled on an SDM120 lies 64 registers apart and takes two reads", () => {
  assert.equal(planReads(eastronSdm120, settled(eastronSdm120)), [
    { table: "input", address: 0x0c, count: 2 },
    { table: "input", address: 0x48, count: 4 },
  ]);
});

test("tables are never mixed", () => {
  const reads = planReads(eastronSdm630, [
    place("input", 0, "f32"),
    place("holding", 2, "f32"),
    place("input", 4, "f32"),
  ]);
  assert.equal(reads, [
    { table: "input", address: 0, count: 6 },
    { table: "holding", address: 2, count: 2 },
  ]);
});

test("a hole longer than the meter tolerates is not read through", () => {
  const definition = { ...eastronSdm630, maxGapRegisters: 2 };
  const places = [place("input", 0, "f32"), place("input", 4, "f32"), place("input", 10, "f32")];
  assert.equal(planReads(definition, places), [
    { table: "input", address: 0, count: 6 },
    { table: "input", address: 10, count: 2 },
  ]);
});

test("reads in pairs start at an even address and have an even count", () => {
  assert.equal(planReads(eastronSdm630, [place("holding", 0xfc03, "u16")]), [
    { table: "holding", address: 0xfc02, count: 2 },
  ]);
});

test("no registers need no read", () => {
  assert.equal(planReads(eastronSdm630, []), []);
});

test("any registers are all covered, within the limits, by as few reads as an exhaustive search finds", () => {
  const property = fc.property(
    fc.array(fc.record({ gap: fc.nat(12), type: fc.constantFrom(...TYPES) }), { minLength: 1, maxLength: 9 }),
    fc.integer({ min: 6, max: 24 }),
    fc.nat(10),
    fc.boolean(),
    (steps, maxRegistersPerRead, maxGapRegisters, readsInPairs) => {
      const definition = { ...eastronSdm630, maxRegistersPerRead, maxGapRegisters, readsInPairs };
      const places = placesOf(steps);
      const reads = planReads(definition, places);
      for (const one of places) assert.ok(reads.some((read) => covers(read, one)));
      for (const read of reads) assert.ok(isAllowed(definition, read));
      assert.is(reads.length, fewestReads(definition, places));
    },
  );
  fc.assert(property, { numRuns: 500 });
});

test("what is read alone is not merged, is read once, and no longer read stands for it", () => {
  const alone = { ...place("input", 11, "u16"), readAlone: true };
  const reads = planReads(OPEN, [place("input", 10, "u16"), alone, place("input", 12, "u16"), alone]);
  assert.equal(reads, [
    { table: "input", address: 10, count: 3 },
    { table: "input", address: 11, count: 1 },
  ]);
  assert.not.ok(covers(reads[0]!, alone));
  const answers = [
    { read: reads[0]!, words: [1, 2, 3] },
    { read: reads[1]!, words: [341] },
  ];
  assert.equal(wordsOf(answers, alone), [341]);
});

test("a value comes in one read with its scale factor, even across a hole that is too long to span otherwise", () => {
  const register = {
    ...place("holding", 20, "u32"),
    quantity: "activeEnergyImport",
    scaleFactorAt: 4,
  } as const;
  const reads = planReads({ ...OPEN, maxGapRegisters: 0 }, [place("holding", 0, "u16"), register]);
  assert.equal(reads, [
    { table: "holding", address: 0, count: 1 },
    { table: "holding", address: 4, count: 18 },
  ]);
  const words = Array.from({ length: 18 }, (_, index) => index);
  assert.equal(wordsOf([{ read: reads[1]!, words }], register), [16, 17, 0]);
});

test("a scale factor from another read than its value's is not taken", () => {
  const register = { ...place("holding", 20, "u16"), quantity: "activePower", scaleFactorAt: 22 } as const;
  const apart = [
    { read: { table: "holding", address: 20, count: 1 }, words: [7] },
    { read: { table: "holding", address: 22, count: 1 }, words: [1] },
  ] as const;
  assert.is(wordsOf(apart, register), null);
});

test("what is added may come in reads of its own", () => {
  const register = { ...place("holding", 0, "u32"), quantity: "activeEnergyImport", plus: [100] } as const;
  const reads = planReads(OPEN, [register]);
  assert.equal(
    reads.map(({ address, count }) => [address, count]),
    [
      [0, 2],
      [100, 2],
    ],
  );
  assert.equal(
    wordsOf(
      reads.map((read) => ({ read, words: [read.address, 1] })),
      register,
    ),
    [0, 1, 100, 1],
  );
});

test.run();

function settled(definition: MeterDefinition): readonly RegisterPlace[] {
  return definition.registers.filter(({ quantity }) => SETTLED_QUANTITIES.includes(quantity));
}

function place(table: "input" | "holding", address: number, type: RegisterType): RegisterPlace {
  return { table, address, type, source: "test" };
}

function placesOf(steps: readonly { gap: number; type: RegisterType }[]): readonly RegisterPlace[] {
  let next = 0;
  return steps.map(({ gap, type }) => {
    const address = next + gap;
    next = address + width(type);
    return place("input", address, type);
  });
}

function width(type: RegisterType): number {
  return type === "u16" ? 1 : type === "u64" ? 4 : 2;
}

function isAllowed(definition: MeterDefinition, read: RegisterRead): boolean {
  const isEven = read.address % 2 === 0 && read.count % 2 === 0;
  return read.count <= definition.maxRegistersPerRead && (!definition.readsInPairs || isEven);
}

/** Over all ways to cut the sorted registers into runs: dynamic programming, independent of the planner's greed. */
function fewestReads(definition: MeterDefinition, places: readonly RegisterPlace[]): number {
  const fewest = [0];
  for (let end = 1; end <= places.length; end++) {
    let best = Number.POSITIVE_INFINITY;
    for (let start = 0; start < end; start++)
      if (isOneRead(definition, places.slice(start, end))) best = Math.min(best, (fewest[start] ?? 0) + 1);
    fewest.push(best);
  }
  return fewest[places.length] ?? 0;
}

function isOneRead(definition: MeterDefinition, run: readonly RegisterPlace[]): boolean {
  const pair = definition.readsInPairs ? 2 : 1;
  const starts = run.map(({ address }) => Math.floor(address / pair) * pair);
  const ends = run.map(({ address, type }) => Math.ceil((address + width(type)) / pair) * pair);
  const gaps = starts.slice(1).map((start, index) => start - (ends[index] ?? 0));
  const count = (ends.at(-1) ?? 0) - (starts[0] ?? 0);
  return count <= definition.maxRegistersPerRead && gaps.every((gap) => gap <= definition.maxGapRegisters);
}
