import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeRegister, decodeWhole } from "../../../drivers/decode.ts";
import { encodeCumulative, encodeNumber, encodeWhole } from "../../../drivers/encode.ts";
import type { MeterRegister, WordOrder } from "../../../drivers/register.ts";

const MSW = "most-significant-first";
const ENERGY: MeterRegister = {
  quantity: "activeEnergyImport",
  table: "input",
  address: 0,
  type: "f32",
  toUnit: 1000,
  source: "test",
};
const POWER: MeterRegister = { ...ENERGY, quantity: "activePower", toUnit: 1 };

const test = suite("drivers/encode");

test("5000 kWh and 230 V are the words IEEE 754 gives them", () => {
  assert.equal(encodeCumulative(ENERGY, 5_000_000_000n, MSW), [0x459c, 0x4000]);
  assert.equal(encodeNumber(POWER, 230, MSW), [0x4366, 0x0000]);
  assert.equal(encodeNumber(POWER, 230, "least-significant-first"), [0x0000, 0x4366]);
});

test("negative integers are two's complement", () => {
  assert.equal(encodeNumber({ ...POWER, type: "i16" }, -1, MSW), [0xffff]);
  assert.equal(encodeNumber({ ...POWER, type: "i32", toUnit: 0.1 }, -0.2, MSW), [0xffff, 0xfffe]);
});

test("a whole number comes back", () => {
  const place = { ...ENERGY, type: "u32" } as const;
  assert.is(decodeWhole(place, encodeWhole(place, 4_294_967_295n, MSW), MSW), 4_294_967_295n);
});

test("what is encoded decodes to within one step of the register, in any type, scale and word order", () => {
  const property = fc.property(
    fc.bigInt({ min: 0n, max: 4_000_000_000n }),
    fc.constantFrom("f32", "u32", "u64", "i64"),
    fc.constantFrom(1000, 100, 10, 1),
    fc.constantFrom<WordOrder>(MSW, "least-significant-first"),
    (milli, type, toUnit, wordOrder) => {
      const register: MeterRegister = { ...ENERGY, type, toUnit };
      const decoded = decodeRegister(register, encodeCumulative(register, milli, wordOrder), wordOrder);
      if (decoded.kind !== "cumulative") return assert.unreachable(decoded.kind);
      const errorMilli = decoded.value * 1000n - milli;
      const boundMilli = BigInt(decoded.resolutionMilli) + 1000n;
      assert.ok(errorMilli <= boundMilli && errorMilli >= -boundMilli, `${errorMilli}`);
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

test.run();
