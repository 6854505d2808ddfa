import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type MeterRegister, placeCount, registerCount, signOf, termsOf } from "../../../drivers/register.ts";

const REGISTER: MeterRegister = {
  quantity: "activePower",
  table: "holding",
  address: 100,
  type: "u32",
  source: "test",
};
const test = suite("drivers/register");

test("a value takes as many registers as its type has 16-bit words", () => {
  const counts = (["u16", "i16", "u32", "i32", "f32", "u64", "i64", "f64"] as const).map(registerCount);
  assert.equal(counts, [1, 1, 2, 2, 2, 4, 4, 4]);
});

test("a text takes the registers it is said to", () => {
  assert.is(placeCount({ table: "input", address: 0, type: "text", registers: 7, source: "test" }), 7);
});

test("terms come in the order register, added, taken off, scale factor", () => {
  const terms = termsOf({ ...REGISTER, plus: [110], minus: [90, 92], scaleFactorAt: 80 });
  assert.equal(
    terms.map(({ address, type }) => [address, type]),
    [
      [100, "u32"],
      [110, "u32"],
      [90, "u32"],
      [92, "u32"],
      [80, "i16"],
    ],
  );
});

test("only a quantity with a direction has its sign turned", () => {
  assert.is(signOf({ ...REGISTER, positiveIs: "export" }), -1);
  assert.is(signOf({ ...REGISTER, positiveIs: "export", quantity: "voltageL1" }), 1);
  assert.is(signOf(REGISTER), 1);
});

test.run();
