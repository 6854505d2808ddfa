import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeIdentity, decodeRegister, decodeWhole } from "../../../drivers/decode.ts";
import { WH_PER_KWH } from "../../../drivers/definition.ts";
import {
  type AbsentMarker,
  type MeterRegister,
  type RegisterType,
  registerCount,
} from "../../../drivers/register.ts";
import { meterDefinition } from "../../../drivers/registry.ts";
import { failsWith } from "../../support/failure.ts";
import { ABB_ABSENT_POWER_FACTOR, SDM230_TRUNCATED_CAPTURE } from "../../vectors/modbusFrames.ts";

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

test("a captured read of 80 registers decodes to what its log printed", () => {
  const definition = meterDefinition("eastron-sdm230");
  const words = wordsOf(SDM230_TRUNCATED_CAPTURE.responseHex);
  for (const [quantity, printed] of Object.entries(SDM230_TRUNCATED_CAPTURE.printed)) {
    const register = definition.registers.find((candidate) => candidate.quantity === quantity)!;
    const { address, type } = register;
    const own = words.slice(address, address + registerCount(type));
    const decoded = decodeRegister(register, own, definition.wordOrder) as { value: number };
    assert.ok(Math.abs(decoded.value - printed) < 0.001, `${quantity}: ${decoded.value}`);
  }
});

test("a captured marker of a value that is not available is absent, not 32.767", () => {
  const register = meterDefinition("abb-b2x").registers.find(({ quantity }) => quantity === "powerFactorL1")!;
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

const MARKERS: readonly (readonly [type: RegisterType, marker: AbsentMarker, words: readonly number[]])[] = [
  ["u16", "all-ones", [0xffff]],
  ["i16", "greatest", [0x7fff]],
  ["i16", "least", [0x8000]],
  ["u32", "all-ones", [0xffff, 0xffff]],
  ["i32", "greatest", [0x7fff, 0xffff]],
  ["i32", "least", [0x8000, 0x0000]],
  ["u32", "zero", [0, 0]],
  ["u64", "all-ones", [0xffff, 0xffff, 0xffff, 0xffff]],
  ["i64", "least", [0x8000, 0, 0, 0]],
];
for (const [type, marker, words] of MARKERS)
  test(`${marker} of ${type} is absent where the meter says so, and a value where it does not`, () => {
    const register: MeterRegister = { ...ENERGY, type, toUnit: 1, quantity: "reactivePower" };
    assert.equal(decodeRegister({ ...register, absent: [marker] }, words, MSW), {
      kind: "absent",
      reason: "marker",
    });
    assert.is(decodeRegister(register, words, MSW).kind, "number");
  });

/** By hand from IEEE 754: 0x4132D687E0000000 is 1234567.875; its step is 2⁻³². */
test("a float64 is floored as exactly as a float32", () => {
  const register: MeterRegister = { ...ENERGY, type: "f64", toUnit: 1 };
  const decoded = decodeRegister(register, [0x4132, 0xd687, 0xe000, 0x0000], MSW);
  assert.equal(decoded, { kind: "cumulative", value: 1_234_567n, resolutionMilli: 1 });
  const reversed = decodeRegister(register, [0x0000, 0xe000, 0xd687, 0x4132], LSW);
  assert.equal(reversed, decoded);
  assert.equal(decodeRegister(register, [0x7ff8, 0, 0, 0], MSW), { kind: "absent", reason: "not-a-number" });
  assert.equal(decodeRegister(register, [0x7ff0, 0, 0, 0], MSW), { kind: "absent", reason: "infinite" });
});

test("what is added is added before the floor: 0.6 + 0.6 Wh is 1 Wh", () => {
  const register: MeterRegister = { ...ENERGY, type: "u16", toUnit: 0.1, plus: [0x60] };
  assert.equal(decodeRegister(register, [6, 6], MSW), {
    kind: "cumulative",
    value: 1n,
    resolutionMilli: 100,
  });
});

test("a sum with one absent term is absent", () => {
  const register: MeterRegister = { ...ENERGY, type: "u16", toUnit: 1, plus: [0x60], absent: ["all-ones"] };
  assert.equal(decodeRegister(register, [6, 0xffff], MSW), { kind: "absent", reason: "marker" });
});

const SCALED: MeterRegister = { ...ENERGY, type: "u32", toUnit: 1, scaleFactorAt: 0x60 };
const SCALES: readonly (readonly [exponent: number, wh: bigint, resolutionMilli: number])[] = [
  [0x0000, 12_345n, 1000],
  [0x0002, 1_234_500n, 100_000],
  [0xffff, 1_234n, 100],
  [0xfffd, 12n, 1],
];
for (const [exponent, value, resolutionMilli] of SCALES)
  test(`scale factor 0x${exponent.toString(16)} moves the point of a counter and of its step`, () => {
    const decoded = decodeRegister(SCALED, [0, 12_345, exponent], MSW);
    assert.equal(decoded, { kind: "cumulative", value, resolutionMilli });
  });

for (const exponent of [0x8000, 0x000b, 0xfff5])
  test(`with scale factor 0x${exponent.toString(16)} a value is absent, not unscaled`, () => {
    const absent = { kind: "absent", reason: "scale-factor" };
    assert.equal(decodeRegister(SCALED, [0, 12_345, exponent], MSW), absent);
    assert.equal(decodeRegister({ ...SCALED, quantity: "activePower" }, [0, 1, exponent], MSW), absent);
  });

test("a power that is positive on export comes out negative", () => {
  const register: MeterRegister = {
    ...ENERGY,
    quantity: "activePower",
    type: "i16",
    toUnit: 1,
    positiveIs: "export",
  };
  assert.equal(decodeRegister(register, [2500], MSW), { kind: "number", value: -2500 });
  assert.equal(decodeRegister(register, [0], MSW), { kind: "number", value: 0 });
});

const TEXT = { table: "input", address: 0x5000, type: "text", registers: 3, source: "test" } as const;
test("a text is read two characters a register, or one, up to its first zero", () => {
  assert.is(decodeIdentity(TEXT, [0x4232, 0x3320, 0x0000], MSW), "B23");
  assert.is(decodeIdentity({ ...TEXT, characters: "one-a-register" }, [0x42, 0x32, 0x33], MSW), "B23");
});

test("a text that is empty or not printable is none", () => {
  assert.is(decodeIdentity(TEXT, [0, 0, 0], MSW), null);
  assert.is(
    decodeIdentity(TEXT, [0x1b5b, 0x324a, 0], MSW),
    null,
    "an escape sequence would reach the terminal",
  );
  assert.is(decodeIdentity(TEXT, [0xffff, 0xffff, 0xffff], MSW), null);
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
