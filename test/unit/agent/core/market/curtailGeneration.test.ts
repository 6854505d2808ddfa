import { suite } from "uvu";
import * as assert from "uvu/assert";
import { curtailedWh, curtailGeneration } from "../../../../../agent/core/market/curtail.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { consumptionOrder, generationOrder, testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const K = intervalIndex(10);

const orders = suite("generation orders");

/** One line of the table: [member, excess, sold] and [member, maxExcess, wanted]. */
type Row = readonly [MemberId, bigint, bigint];

const TRANSITIONS: readonly {
  readonly name: string;
  readonly excesses: readonly Row[];
  readonly limit: bigint | null;
  readonly unmet?: bigint;
  readonly standing?: readonly Row[];
  readonly next: readonly Row[];
}[] = [
  { name: "are none without a limit", excesses: [[A, 50n, 0n]], limit: null, next: [] },
  {
    name: "are none when the limit takes all that is unsold",
    excesses: [[A, 50n, 20n]],
    limit: 30n,
    next: [],
  },
  {
    name: "allow what was sold and the limit",
    excesses: [[A, 50n, 20n]],
    limit: 10n,
    next: [[A, 30n, 50n]],
  },
  {
    name: "allow what was sold where nothing may be fed in",
    excesses: [[A, 50n, 20n]],
    limit: 0n,
    next: [[A, 20n, 50n]],
  },
  {
    name: "share the limit in proportion to what is unsold: 12 over 40 and 20 is 8 and 4",
    excesses: [
      [A, 50n, 10n],
      [B, 30n, 10n],
    ],
    limit: 12n,
    next: [
      [A, 18n, 50n],
      [B, 14n, 30n],
    ],
  },
  {
    name: "remember the larger want when the street takes still less",
    excesses: [[A, 30n, 5n]],
    limit: 10n,
    standing: [[A, 30n, 50n]],
    next: [[A, 15n, 50n]],
  },
  {
    name: "take up a want that has grown",
    excesses: [[A, 60n, 5n]],
    limit: 10n,
    standing: [[A, 30n, 50n]],
    next: [[A, 15n, 60n]],
  },
  {
    name: "stand while obeying leaves no room",
    excesses: [[A, 30n, 20n]],
    limit: 10n,
    standing: [[A, 30n, 50n]],
    next: [[A, 30n, 50n]],
  },
  {
    name: "grow by the room that the limit leaves",
    excesses: [[A, 30n, 27n]],
    limit: 10n,
    standing: [[A, 30n, 50n]],
    next: [[A, 37n, 50n]],
  },
  {
    name: "grow by the room and by what is unmet",
    excesses: [[A, 30n, 30n]],
    limit: 10n,
    unmet: 4n,
    standing: [[A, 30n, 50n]],
    next: [[A, 44n, 50n]],
  },
  {
    name: "are released when room and unmet deficit cover all that they take away",
    excesses: [[A, 30n, 30n]],
    limit: 10n,
    unmet: 10n,
    standing: [[A, 30n, 50n]],
    next: [],
  },
  {
    name: "are released when the limit is lifted, also for a missing member",
    excesses: [[A, 30n, 20n]],
    limit: null,
    standing: [
      [A, 30n, 50n],
      [C, 1n, 9n],
    ],
    next: [],
  },
  {
    name: "are carried unchanged for a missing member, which has no share in the room",
    excesses: [[A, 30n, 25n]],
    limit: 10n,
    standing: [
      [A, 30n, 50n],
      [C, 1n, 90n],
    ],
    next: [
      [A, 35n, 50n],
      [C, 1n, 90n],
    ],
  },
];

for (const { name, excesses, limit, unmet = 0n, standing = [], next } of TRANSITIONS) {
  orders(name, () => {
    const given = curtailGeneration({
      interval: K,
      excesses: new Map(excesses.map(([member, excess]) => [member, wh(excess)])),
      sold: new Map(excesses.map(([member, , sold]) => [member, wh(sold)])),
      unmet: wh(unmet),
      feedInLimit: limit === null ? null : wh(limit),
      standingOrders: standing.map(([member, max, wanted]) => generationOrder(member, K, max, wanted)),
      tieOrder: [B, A, C],
    });
    const expected = next.map(([member, max, wanted]) => generationOrder(member, 12, max, wanted));
    assert.equal(
      given,
      expected.sort((left, right) => (left.member < right.member ? -1 : 1)),
    );
  });
}

orders("break ties of the last Wh of the limit by the tie order", () => {
  const firstOf = (tieOrder: readonly MemberId[]) =>
    curtailGeneration({
      interval: K,
      excesses: new Map([A, B].map((member) => [member, wh(5n)])),
      sold: new Map(),
      unmet: wh(0n),
      feedInLimit: wh(1n),
      standingOrders: [],
      tieOrder,
    })
      .filter((order) => order.maxExcess === 1n)
      .map((order) => order.member);
  assert.equal(firstOf([A, B]), [A]);
  assert.equal(firstOf([B, A]), [B]);
});

orders("do not follow from orders of consumption", () => {
  const input = {
    interval: K,
    excesses: new Map([[A, wh(5n)]]),
    sold: new Map([[A, wh(5n)]]),
    unmet: wh(0n),
    feedInLimit: wh(0n),
    standingOrders: [consumptionOrder(A, K, 1n, 9n)],
    tieOrder: [A],
  };
  assert.equal(curtailGeneration(input), []);
});

orders("take away what was wanted above what is allowed", () => {
  assert.is(curtailedWh(generationOrder(A, K, 15n, 40n)), 25n);
});

orders.run();
