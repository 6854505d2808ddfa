import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type ConsumptionOrder,
  type CurtailInput,
  curtail,
  curtailedWh,
} from "../../../../../agent/core/market/curtail.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { consumptionOrder, testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);
const K = intervalIndex(10);

const orders = suite("curtailment orders");

/** One line of the table: [member, deficit, bought] and [member, maxDeficit, wanted]. */
type Row = readonly [MemberId, bigint, bigint];

const TRANSITIONS: readonly {
  readonly name: string;
  readonly needs: readonly Row[];
  readonly unsold: bigint;
  readonly standing: readonly Row[];
  readonly next: readonly Row[];
}[] = [
  { name: "are none when nothing is unmet", needs: [[A, 5n, 5n]], unsold: 0n, standing: [], next: [] },
  {
    name: "allow what could be bought",
    needs: [[A, 40n, 15n]],
    unsold: 0n,
    standing: [],
    next: [[A, 15n, 40n]],
  },
  {
    name: "allow nothing where nothing could be bought",
    needs: [[A, 40n, 0n]],
    unsold: 0n,
    standing: [],
    next: [[A, 0n, 40n]],
  },
  {
    name: "remember the larger want when supply falls further",
    needs: [[A, 15n, 10n]],
    unsold: 0n,
    standing: [[A, 15n, 40n]],
    next: [[A, 10n, 40n]],
  },
  {
    name: "take up a want that has grown",
    needs: [[A, 50n, 10n]],
    unsold: 0n,
    standing: [[A, 15n, 40n]],
    next: [[A, 10n, 50n]],
  },
  {
    name: "stand while obeying leaves nothing unsold",
    needs: [[A, 15n, 15n]],
    unsold: 0n,
    standing: [[A, 15n, 40n]],
    next: [[A, 15n, 40n]],
  },
  {
    name: "stand for a member that lacks nothing while another does",
    needs: [
      [A, 1n, 1n],
      [B, 9n, 4n],
    ],
    unsold: 0n,
    standing: [[A, 15n, 40n]],
    next: [
      [A, 15n, 40n],
      [B, 4n, 9n],
    ],
  },
  {
    name: "grow by the unsold excess",
    needs: [[A, 15n, 15n]],
    unsold: 7n,
    standing: [[A, 15n, 40n]],
    next: [[A, 22n, 40n]],
  },
  {
    name: "share unsold excess in proportion to what they take away: 12 over 20 and 10 is 8 and 4",
    needs: [
      [A, 10n, 10n],
      [B, 5n, 5n],
    ],
    unsold: 12n,
    standing: [
      [A, 10n, 30n],
      [B, 5n, 15n],
    ],
    next: [
      [A, 18n, 30n],
      [B, 9n, 15n],
    ],
  },
  {
    name: "are released when the excess covers all that they take away",
    needs: [
      [A, 10n, 10n],
      [B, 5n, 5n],
    ],
    unsold: 30n,
    standing: [
      [A, 10n, 30n],
      [B, 5n, 15n],
    ],
    next: [],
  },
  {
    name: "are released one by one when the last Wh of one is covered first",
    needs: [
      [A, 29n, 29n],
      [B, 5n, 5n],
    ],
    unsold: 10n,
    standing: [
      [A, 29n, 30n],
      [B, 5n, 15n],
    ],
    next: [[B, 14n, 15n]],
  },
  {
    name: "grow too for a member that now has excess itself",
    needs: [[A, 0n, 0n]],
    unsold: 5n,
    standing: [[A, 15n, 40n]],
    next: [[A, 20n, 40n]],
  },
  {
    name: "are carried unchanged for a missing member, which has no share in unsold excess",
    needs: [[A, 10n, 10n]],
    unsold: 8n,
    standing: [
      [A, 10n, 30n],
      [C, 1n, 90n],
    ],
    next: [
      [A, 18n, 30n],
      [C, 1n, 90n],
    ],
  },
];

for (const { name, needs, unsold, standing, next } of TRANSITIONS) {
  orders(name, () => {
    const input: CurtailInput = {
      interval: K,
      deficits: new Map(needs.map(([member, deficit]) => [member, wh(deficit)])),
      bought: new Map(needs.map(([member, , bought]) => [member, wh(bought)])),
      unsold: wh(unsold),
      standingOrders: standing.map((row) => orderOf(row, K)),
      tieOrder: [B, A, C],
    };
    const expected = next.map((row) => orderOf(row, intervalIndex(12)));
    const byText = (left: ConsumptionOrder, right: ConsumptionOrder) => (left.member < right.member ? -1 : 1);
    assert.equal(curtail(input), expected.sort(byText));
  });
}

orders("break ties of the last unsold Wh by the tie order", () => {
  const same = [A, B].map((member) => orderOf([member, 1n, 9n], K));
  const input = (tieOrder: readonly MemberId[]): CurtailInput => ({
    interval: K,
    deficits: new Map([A, B].map((member) => [member, wh(1n)])),
    bought: new Map([A, B].map((member) => [member, wh(1n)])),
    unsold: wh(1n),
    standingOrders: same,
    tieOrder,
  });
  const raisedIn = (tieOrder: readonly MemberId[]) =>
    curtail(input(tieOrder))
      .filter((order) => order.maxDeficit === 2n)
      .map((order) => order.member);
  assert.equal(raisedIn([A, B]), [A]);
  assert.equal(raisedIn([B, A]), [B]);
});

orders("take away what was wanted above what is allowed", () => {
  assert.is(curtailedWh(orderOf([A, 15n, 40n], K)), 25n);
});

orders.run();

function orderOf([member, maxDeficit, wanted]: Row, interval: typeof K): ConsumptionOrder {
  return consumptionOrder(member, interval, maxDeficit, wanted);
}
