import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeRegister, decodeWhole } from "../../../drivers/decode.ts";
import { WH_PER_KWH } from "../../../drivers/definition.ts";
import { type MeterRegister, registerCount } from "../../../drivers/register.ts";
import { meterDefinition } from "../../../drivers/registry.ts";
import { failsWith } from "../../support/failure.ts";
import {
  ABB_ABSENT_POWER_FACTOR,
  ABB_POWER,
  CAPTURED_FRAMES,
  SDM230_TRUNCATED_CAPTURE,
} from "../../vectors/modbusFrames.ts";

const ENERGY: MeterRegister = {
  quantity: "activeEnergyImport",
  table: "input",
  address: 0x48,
  type: "f32",
  toUnit: WH_PER_KWH,
  source: "test",
};
const MSW = "most-significant-first";
const LSW = "least-significant-first";

const test = suite("drivers/decode");

for (const { name, definitionId, quantity, responseHex, printed, digits } of CAPTURED_FRAMES)
  test(`${name} decodes to the printed value`, () => {
    const definition = meterDefinition(definitionId ?? "");
    const register = definition.registers.find((candidate) => candidate.quantity === quantity)!;
    const decoded = decodeRegister(register, wordsOf(responseHex), definition.wordOrder);
    assert.is(decoded.kind, "number");
    assert.is(Number((decoded as { value: number }).value.toFixed(digits)), printed);
  });

test("a captured read of 80 registers decodes to what its log printed", () => {
  const definition = meterDefinition("eastron-sdm120");
  const words = wordsOf(SDM230_TRUNCATED_CAPTURE.responseHex);
  for (const [quantity, printed] of Object.entries(SDM230_TRUNCATED_CAPTURE.printed)) {
    const register = definition.registers.find((candidate) => candidate.quantity === quantity)!;
    const { address, type } = register;
    const own = words.slice(address, address + registerCount(type));
    const decoded = decodeRegister(register, own, definition.wordOrder) as { value: number };
    assert.ok(Math.abs(decoded.value - printed) < 0.001, `${quantity}: ${decoded.value}`);
  }
});

test("an integer register is scaled", () => {
  const register: MeterRegister = { ...ENERGY, quantity: "activePower", type: "i32", toUnit: 0.01 };
  assert.equal(decodeRegister(register, wordsOf(ABB_POWER.responseHex), MSW), {
    kind: "number",
    value: ABB_POWER.watts,
  });
});

test("a value the meter marks as not available is absent", () => {
  const register: MeterRegister = {
    ...ENERGY,
    quantity: "powerFactorL1",
    type: "i16",
    toUnit: 0.001,
    absent: ["greatest"],
  };
  assert.equal(decodeRegister(register, wordsOf(ABB_ABSENT_POWER_FACTOR.responseHex), MSW), {
    kind: "absent",
    reason: "marker",
  });
});

/** By hand from IEEE 754: 0x4640E6B6 is 12641974 · 2⁻¹⁰ = 12345.677734375; its step is 2⁻¹⁰ kWh. */
const ENERGIES: readonly (readonly [hex: string, wh: bigint, resolutionMilliWh: number, why: string])[] = [
  ["4640e6b6", 12_345_677n, 977, "12345.677734375 kWh is floored"],
  ["461c4000", 10_000_000n, 977, "10 MWh steps by 0.977 Wh"],
  ["47c35000", 100_000_000n, 7813, "100 MWh steps by 7.8125 Wh"],
  ["3f7fffff", 999n, 1, "the last value below 1 kWh is 999 Wh"],
  ["3f800000", 1_000n, 1, "1 kWh is 1000 Wh"],
  ["3dcccccd", 100n, 1, "0.1 kWh as float32 is a little more than 100 Wh"],
  ["3dcccccc", 99n, 1, "one step below 0.1 kWh is 99 Wh"],
  ["00000001", 0n, 1, "the least subnormal is 0 Wh"],
  ["00000000", 0n, 1, "a counter that never ran is 0 Wh"],
  ["80000000", 0n, 1, "minus zero is zero"],
  ["4d3ebc20", 200_000_000_000n, 16_000_000, "200 GWh is beyond the significand and still exact"],
];
for (const [bits, wh, resolutionMilli, why] of ENERGIES)
  test(`energy: ${why}`, () => {
    assert.equal(decodeRegister(ENERGY, wordsOfBits(bits), MSW), {
      kind: "cumulative",
      value: wh,
      resolutionMilli,
    });
  });

const ABSENT = [
  ["7fc00000", "not-a-number"],
  ["ffc00000", "not-a-number"],
  ["7f800001", "not-a-number"],
  ["7f800000", "infinite"],
  ["ff800000", "infinite"],
  ["bf800000", "negative"],
  ["80000001", "negative"],
  ["7f7fffff", "out-of-range"],
] as const;
for (const [bits, reason] of ABSENT)
  test(`energy 0x${bits} is absent: ${reason}`, () => {
    assert.equal(decodeRegister(ENERGY, wordsOfBits(bits), MSW), { kind: "absent", reason });
  });

test("every float32 energy is the floor of its product, which a double holds exactly", () => {
  const property = fc.property(fc.integer({ min: 0, max: 0x50000000 }), (bits) => {
    const decoded = decodeRegister(ENERGY, [bits >>> 16, bits & 0xffff], MSW);
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, bits);
    assert.is((decoded as { value: bigint }).value, BigInt(Math.floor(view.getFloat32(0) * WH_PER_KWH)));
  });
  fc.assert(property, { numRuns: 2000 });
});

test("a negative number that is not cumulative stays negative", () => {
  const register: MeterRegister = { ...ENERGY, quantity: "activePower", toUnit: 1 };
  assert.equal(decodeRegister(register, wordsOfBits("c2886acc"), MSW), {
    kind: "number",
    value: Math.fround(-68.2085876),
  });
});

test("integers of every width count in their own step, negative ones are absent", () => {
  const tenth: MeterRegister = { ...ENERGY, type: "u32", toUnit: 100 };
  assert.equal(decodeRegister(tenth, [0x0001, 0x0002], MSW), {
    kind: "cumulative",
    value: 6_553_800n,
    resolutionMilli: 100_000,
  });
  const wide: MeterRegister = { ...ENERGY, type: "u64", toUnit: 0.001 };
  assert.equal(decodeRegister(wide, [0, 0, 0, 1999], MSW), {
    kind: "cumulative",
    value: 1n,
    resolutionMilli: 1,
  });
  const signed: MeterRegister = { ...ENERGY, type: "i64" };
  assert.equal(decodeRegister(signed, [0xffff, 0xffff, 0xffff, 0xffff], MSW), {
    kind: "absent",
    reason: "negative",
  });
});

test("word order is the meter's", () => {
  assert.equal(decodeRegister(ENERGY, [0x4000, 0x459c], LSW), decodeRegister(ENERGY, [0x459c, 0x4000], MSW));
});

test("a serial number is a whole number", () => {
  const place = { table: "holding", address: 0xfc00, type: "u32", source: "test" } as const;
  assert.is(decodeWhole(place, [0x0134, 0xd5a8], MSW), 20_239_784n);
});

test("a wrong count of registers is refused", async () => {
  await failsWith(() => decodeRegister(ENERGY, [1], MSW), "DRIVER_BAD_ANSWER");
});

test.run();

/** Registers in an answer, after unit, function code and byte count; a cut-off tail is left out. */
function wordsOf(responseHex: string): readonly number[] {
  const bytes = Buffer.from(responseHex, "hex");
  const end = Math.min(3 + (bytes[2] ?? 0), bytes.length - 2);
  return Array.from({ length: Math.floor((end - 3) / 2) }, (_, index) => bytes.readUInt16BE(3 + 2 * index));
}

function wordsOfBits(hex: string): readonly number[] {
  return [Number.parseInt(hex.slice(0, 4), 16), Number.parseInt(hex.slice(4), 16)];
}
