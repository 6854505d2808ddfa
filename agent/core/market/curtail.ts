/**
 * Curtailment in an islanded street: what is unmet in interval k becomes an order for interval k + 2,
 * and excess that stays unsold takes orders back in step.
 *
 * @source docs/market.md, "Curtailment"
 */
import type { MemberId } from "../membership/address.ts";
import { type IntervalIndex, intervalIndex, type Wh, wh } from "../units.ts";
import { MarketError } from "./marketError.ts";
import { split } from "./split.ts";
import { byMemberId } from "./tieOrder.ts";

/**
 * From measuring an interval to the interval its orders bind: k is measured at its end and settled
 * during k + 1, so k + 2 is the first that can still be obeyed as a whole.
 */
export const ORDER_LEAD_INTERVALS = 2;

/** The largest deficit a member may have in one interval. Always 0 ≤ maxDeficit < wanted. */
export type CurtailmentOrder = {
  readonly member: MemberId;
  /** The one interval the order binds. */
  readonly interval: IntervalIndex;
  /** At first what the member could buy when its deficit went unmet; grows as excess stays unsold. */
  readonly maxDeficit: Wh;
  /** The deficit that caused the order. */
  readonly wanted: Wh;
};

/** What the orders of one balanced interval follow from. */
export type CurtailInput = {
  /** The interval that was balanced. */
  readonly interval: IntervalIndex;
  /** Of every measured member, Wh ≥ 0; a member that is not in it is missing. */
  readonly deficits: ReadonlyMap<MemberId, Wh>;
  /** Wh ≥ 0; a member that is not in it bought nothing. */
  readonly bought: ReadonlyMap<MemberId, Wh>;
  /** Excess left without a buyer, Wh ≥ 0. */
  readonly unsold: Wh;
  /** Orders that bound this interval, at most one a member. */
  readonly standingOrders: readonly CurtailmentOrder[];
  /** Breaks ties when unsold excess is shared out; holds every member of a standing order. */
  readonly tieOrder: readonly MemberId[];
};

/**
 * Tells how much an order takes away.
 *
 * @param order any order
 * @returns the Wh that were wanted and may not be drawn, > 0
 * @source docs/market.md, "Curtailment"
 */
export function curtailedWh(order: CurtailmentOrder): Wh {
  return wh(order.wanted - order.maxDeficit);
}

/**
 * Derives the orders that bind interval k + 2 from the outcome of interval k.
 *
 * @param input outcome of the interval and the orders it stood under
 * @returns at most one order a member, ascending by member id
 * @throws MarketError `MARKET_DUPLICATE_MEMBER`, `MARKET_NOT_IN_TIE_ORDER`, `MARKET_ORDER_INTERVAL`, `MARKET_ORDER_RANGE`
 * @source docs/market.md, "Curtailment"
 */
export function curtail(input: CurtailInput): readonly CurtailmentOrder[] {
  const standing = standingByMember(input);
  const interval = intervalIndex(input.interval + ORDER_LEAD_INTERVALS);
  const raises = raisesOf(input);
  const orders: CurtailmentOrder[] = [];
  for (const [member, deficit] of input.deficits) {
    const order = standing.get(member);
    const bought = input.bought.get(member) ?? wh(0n);
    if (bought < deficit) {
      const wanted = order !== undefined && order.wanted > deficit ? order.wanted : deficit;
      orders.push({ member, interval, maxDeficit: bought, wanted });
    } else if (order !== undefined) {
      const maxDeficit = wh(order.maxDeficit + (raises.get(member) ?? 0n));
      if (maxDeficit < order.wanted) orders.push({ ...order, interval, maxDeficit });
    }
  }
  for (const order of input.standingOrders) {
    if (!input.deficits.has(order.member)) orders.push({ ...order, interval });
  }
  return orders.sort(byMemberId);
}

/** Each measured member under an order whose deficit was met has a share in unsold excess; the others' limits refused it. */
function raisesOf(input: CurtailInput): ReadonlyMap<MemberId, Wh> {
  const held = input.standingOrders
    .filter((order) => isMet(input, order.member))
    .map((order) => ({ member: order.member, wh: curtailedWh(order) }));
  return split(input.unsold, held, input.tieOrder);
}

function isMet({ deficits, bought }: CurtailInput, member: MemberId): boolean {
  const deficit = deficits.get(member);
  return deficit !== undefined && (bought.get(member) ?? 0n) >= deficit;
}

function standingByMember(input: CurtailInput): ReadonlyMap<MemberId, CurtailmentOrder> {
  const roster = new Set(input.tieOrder);
  const standing = new Map<MemberId, CurtailmentOrder>();
  for (const order of input.standingOrders) {
    const { member, interval, maxDeficit, wanted } = order;
    if (!roster.has(member)) throw new MarketError("MARKET_NOT_IN_TIE_ORDER", { member });
    if (standing.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
    if (interval !== input.interval) {
      throw new MarketError("MARKET_ORDER_INTERVAL", {
        member,
        boundInterval: interval,
        interval: input.interval,
      });
    }
    if (maxDeficit < 0n || maxDeficit >= wanted) {
      throw new MarketError("MARKET_ORDER_RANGE", { member, maxDeficitWh: maxDeficit, wantedWh: wanted });
    }
    standing.set(member, order);
  }
  return standing;
}
