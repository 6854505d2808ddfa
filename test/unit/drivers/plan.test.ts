import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterDefinition } from "../../../drivers/definition.ts";
import { eastronSdm120 } from "../../../drivers/definitions/eastronSdm120.ts";
import { eastronSdm630 } from "../../../drivers/definitions/eastronSdm630.ts";
import { covers, planReads, type RegisterRead } from "../../../drivers/plan.ts";
import { SETTLED_QUANTITIES } from "../../../drivers/quantity.ts";
import type { RegisterPlace, RegisterType } from "../../../drivers/register.ts";

const TYPES: readonly RegisterType[] = ["u16", "i32", "f32", "u64"];
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
