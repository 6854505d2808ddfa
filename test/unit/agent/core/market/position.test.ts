import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MarketError } from "../../../../../agent/core/market/marketError.ts";
import { positionOf } from "../../../../../agent/core/market/position.ts";
import { wh } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const position = suite("position");
const member = testMember(0);

const POSITIONS = [
  { generated: 20n, consumed: 60n, expected: -40n, is: "a deficit" },
  { generated: 60n, consumed: 20n, expected: 40n, is: "an excess" },
  { generated: 7n, consumed: 7n, expected: 0n, is: "balanced" },
  { generated: 0n, consumed: 3n, expected: -3n, is: "the deficit of a consumer-only member" },
  { generated: 3n, consumed: 0n, expected: 3n, is: "the excess of a producer-only member" },
  { generated: 2n ** 64n, consumed: 1n, expected: 18_446_744_073_709_551_615n, is: "exact beyond 2^53" },
];

for (const { generated, consumed, expected, is } of POSITIONS) {
  position(`of ${generated} generated and ${consumed} consumed is ${is}`, () => {
    const energy = { member, generated: wh(generated), consumed: wh(consumed) };
    assert.equal(positionOf(energy), { ...energy, position: expected });
  });
}

for (const [generated, consumed] of [
  [-1n, 0n],
  [0n, -1n],
] as const) {
  position(`refuses ${generated} generated and ${consumed} consumed`, () => {
    assert.throws(
      () => positionOf({ member, generated: wh(generated), consumed: wh(consumed) }),
      (error: unknown) => error instanceof MarketError && error.code === "MARKET_NEGATIVE_ENERGY",
    );
  });
}

position.run();
