/** The first market: the product settles a drawn interval; what a block has of it, and the money after it. */
import { encode } from "../../agent/core/codec.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import { settleInterval } from "../../agent/core/ledger/settlement/settleInterval.ts";
import { emptyState, type LedgerState } from "../../agent/core/ledger/state/state.ts";
import { cborMoney } from "../../agent/core/market/accounts.ts";
import type { StandingOrder } from "../../agent/core/market/curtail.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { height, type IntervalIndex } from "../../agent/core/units.ts";
import type { DrawnInterval, DrawnOrder } from "./drawInterval.ts";
import { byId, encodedEntry, NO_SIGNATURE, paperContext } from "./paperStreet.ts";

/** Of the block that settles the interval, and of one before it. */
const [EARLIER, HEIGHT] = [height(7), height(8)];

/** @param drawn one interval @returns canonical bytes: what a block has of it, and the money after it */
export function settleFirst(drawn: DrawnInterval): Uint8Array {
  const { settled, state } = settledOf(drawn);
  return encode([encodedEntry({ intervals: [settled] }), cborMoney(state.money)]);
}

/** @param drawn one interval @returns what the market makes of it */
export function settledByFirst(drawn: DrawnInterval): SettledInterval {
  return settledOf(drawn).settled;
}

/** @param drawn one interval @returns what its members state, by member, as a block lists it */
export function readingsOf({ interval, members }: DrawnInterval): readonly SignedReading[] {
  return byId(members).flatMap(({ id, content }, index) =>
    content === null
      ? []
      : [
          {
            reading: { member: id, interval, sequence: index + 1, boot: 1, time: "synchronised", content },
            signature: NO_SIGNATURE,
          },
        ],
  );
}

function settledOf(drawn: DrawnInterval): { readonly settled: SettledInterval; readonly state: LedgerState } {
  return settleInterval(paperContext(drawn), stateBefore(drawn), readingsOf(drawn), drawn.money);
}

function standingOrder(
  { member, kind, max, wanted, acknowledged, isOfSameBlock }: DrawnOrder,
  interval: IntervalIndex,
): StandingOrder {
  const order = { member, interval, wanted, acknowledged, givenAt: isOfSameBlock ? HEIGHT : EARLIER };
  return kind === "consumption" ? { ...order, kind, maxDeficit: max } : { ...order, kind, maxExcess: max };
}

function stateBefore({ interval, members, orders, policies, money, bids }: DrawnInterval): LedgerState {
  return {
    ...emptyState(
      members.map(({ id }) => id),
      interval,
    ),
    height: HEIGHT,
    orders: orders.map((order) => standingOrder(order, interval)),
    policies: policies.map((policy) => ({ policy, signature: NO_SIGNATURE })),
    money,
    bids,
  };
}
