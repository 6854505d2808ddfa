import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MarketError } from "../../../../../agent/core/market/marketError.ts";
import { byMemberId, rotated, tieOrder } from "../../../../../agent/core/market/tieOrder.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const members = [0, 1, 2, 3, 4, 5].map(testMember);
const seedOf = (text: string) => new TextEncoder().encode(text);

/**
 * Digests by Python's hashlib, member i being twenty bytes i + 1; "street" ‖ member begins
 * db53…, f586…, 479c…, b46f…, 0c2b…, f603…; "lane" ‖ member 6b94…, 77e6…, 69e5…, 503f…, 80e5…, e1cf….
 */
const DRAWS = [
  { seed: "street", places: [4, 2, 3, 0, 1, 5] },
  { seed: "lane", places: [3, 2, 0, 1, 4, 5] },
];

const drawn = suite("tie order");

for (const { seed, places } of DRAWS) {
  drawn(`of seed "${seed}" ascends by SHA-256(seed ‖ member)`, () => {
    assert.equal(tieOrder(seedOf(seed), members), places.map(testMember));
  });
}

drawn("is the same for a roster in any sequence", () => {
  assert.equal(tieOrder(seedOf("street"), [...members].reverse()), tieOrder(seedOf("street"), members));
});

drawn("keeps the sequence of the others when a member leaves", () => {
  const without = members.filter((member) => member !== testMember(3));
  assert.equal(tieOrder(seedOf("street"), without), [4, 2, 0, 1, 5].map(testMember));
});

drawn("refuses a member that is listed twice", () => {
  assert.throws(
    () => tieOrder(seedOf("street"), [testMember(0), testMember(0)]),
    (error: unknown) => error instanceof MarketError && error.code === "MARKET_DUPLICATE_MEMBER",
  );
});

drawn.run();

const turning = suite("rotated tie order");
const [A, B, C] = [testMember(0), testMember(1), testMember(2)];

for (const { interval, is } of [
  { interval: 0, is: [A, B, C] },
  { interval: 1, is: [B, C, A] },
  { interval: 2, is: [C, A, B] },
  { interval: 3, is: [A, B, C] },
  { interval: Number.MAX_SAFE_INTEGER, is: [B, C, A] },
]) {
  turning(`of three begins at place ${interval} mod 3 in interval ${interval}`, () => {
    assert.equal(rotated([A, B, C], intervalIndex(interval)), is);
  });
}

turning("of nobody is nobody", () => {
  assert.equal(rotated([], intervalIndex(5)), []);
});

turning.run();

const canonical = suite("canonical order");

canonical("ascends by the text of the member id", () => {
  const texts = [...members].sort();
  const sorted = members.map((member) => ({ member })).sort(byMemberId);
  assert.equal(
    sorted.map((one) => one.member),
    texts,
  );
});

canonical("calls a member equal to itself", () => {
  assert.is(byMemberId({ member: A }, { member: A }), 0);
});

canonical.run();
