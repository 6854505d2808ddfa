/**
 * Curtailment: what is unmet in interval k of an islanded street, and what a grid-tied one may not feed in, becomes an
 * order for interval k + 2; energy left over, or room left over, takes orders back in step. Both kinds follow one rule.
 *
 * @source docs/market.md, "Curtailment"
 */
import type { MemberId } from "../membership/address.ts";
import { type Height, type IntervalIndex, intervalIndex, type Wh, wh } from "../units.ts";
import { MarketError } from "./marketError.ts";
import { type MemberAmount, split } from "./split.ts";
import { byMemberId } from "./tieOrder.ts";

/**
 * From measuring an interval to the interval its orders bind: k is measured at its end and settled
 * during k + 1, so k + 2 is the first that can still be obeyed as a whole.
 */
export const ORDER_LEAD_INTERVALS = 2;
/** What an order limits: drawing from the street, or feeding into it. */
export const ORDER_KINDS = ["consumption", "generation"] as const;
export type OrderKind = (typeof ORDER_KINDS)[number];

type AnyOrder = {
  readonly member: MemberId;
  /** The one interval the order binds. */
  readonly interval: IntervalIndex;
  /** The deficit or excess that caused the order. */
  readonly wanted: Wh;
};

/** The largest deficit a member may have in one interval. Always 0 ≤ maxDeficit < wanted. */
export type ConsumptionOrder = AnyOrder & {
  readonly kind: "consumption";
  /** At first what the member could buy when its deficit went unmet; grows as excess stays unsold. */
  readonly maxDeficit: Wh;
};

/** The largest excess a member may have in one interval. Always 0 ≤ maxExcess < wanted. */
export type GenerationOrder = AnyOrder & {
  readonly kind: "generation";
  /** At first what the member could sell and might feed in; grows as the street takes more. */
  readonly maxExcess: Wh;
};

/** What one member is ordered for one interval. */
export type CurtailmentOrder = ConsumptionOrder | GenerationOrder;

/** An order until its interval is settled. */
export type StandingOrder = CurtailmentOrder & {
  /** True once its member has said on the ledger that it will act. */
  readonly acknowledged: boolean;
  /** The block that gave it. */
  readonly givenAt: Height;
};

/** What the consumption orders of one balanced interval follow from. */
export type CurtailInput = {
  /** The interval that was balanced. */
  readonly interval: IntervalIndex;
  /** Of every measured member, Wh ≥ 0; a member that is not in it is missing. */
  readonly deficits: ReadonlyMap<MemberId, Wh>;
  /** Wh ≥ 0; a member that is not in it bought nothing. */
  readonly bought: ReadonlyMap<MemberId, Wh>;
  /** Excess left without a buyer, Wh ≥ 0. */
  readonly unsold: Wh;
  /** Orders that bound this interval, at most one a member and kind. */
  readonly standingOrders: readonly CurtailmentOrder[];
  /** Breaks ties when something is shared out; holds every member of a standing order. */
  readonly tieOrder: readonly MemberId[];
};

/** What the generation orders of one balanced interval follow from. */
export type CurtailGenerationInput = Pick<CurtailInput, "interval" | "standingOrders" | "tieOrder"> & {
  /** Of every measured member, Wh ≥ 0; a member that is not in it is missing. */
  readonly excesses: ReadonlyMap<MemberId, Wh>;
  /** Wh ≥ 0; a member that is not in it sold nothing. */
  readonly sold: ReadonlyMap<MemberId, Wh>;
  /** Deficit left without a seller, Wh ≥ 0. */
  readonly unmet: Wh;
  /** Most that the whole street may feed in per interval, Wh ≥ 0; null for any amount. */
  readonly feedInLimit: Wh | null;
};

/** An order without its kind. */
type Limit = { readonly member: MemberId; readonly max: Wh; readonly wanted: Wh };

/** What either kind of order follows from. */
type LimitInput = {
  /** Deficit or excess of every measured member. */
  readonly amounts: ReadonlyMap<MemberId, Wh>;
  /** How much of it the street could serve or take. */
  readonly allowed: ReadonlyMap<MemberId, Wh>;
  /** What the street could have served or taken beyond that. */
  readonly spare: Wh;
  readonly standing: readonly Limit[];
  readonly tieOrder: readonly MemberId[];
};

/** @param order any @returns the largest deficit or excess that it allows, Wh ≥ 0 */
export function maxOf(order: CurtailmentOrder): Wh {
  return order.kind === "consumption" ? order.maxDeficit : order.maxExcess;
}

/**
 * Tells how much an order takes away.
 *
 * @param order any order
 * @returns the Wh that were wanted and may not be drawn or fed in, > 0
 * @source docs/market.md, "Curtailment"
 */
export function curtailedWh(order: CurtailmentOrder): Wh {
  return wh(order.wanted - maxOf(order));
}

/**
 * Derives the consumption orders that bind interval k + 2 from the outcome of interval k of an islanded street.
 *
 * @param input outcome of the interval and the orders it stood under
 * @returns at most one order a member, ascending by member id
 * @throws MarketError `MARKET_DUPLICATE_MEMBER`, `MARKET_NOT_IN_TIE_ORDER`, `MARKET_ORDER_INTERVAL`, `MARKET_ORDER_RANGE`
 * @source docs/market.md, "Curtailment"
 */
export function curtail(input: CurtailInput): readonly ConsumptionOrder[] {
  const limits = limitsOf({
    amounts: input.deficits,
    allowed: input.bought,
    spare: input.unsold,
    standing: standingOf(input, "consumption"),
    tieOrder: input.tieOrder,
  });
  const interval = boundBy(input.interval);
  return limits.map(({ member, max, wanted }) => ({
    kind: "consumption",
    member,
    interval,
    maxDeficit: max,
    wanted,
  }));
}

/**
 * Derives the generation orders that bind interval k + 2 from the outcome of interval k of a grid-tied street: what is
 * unsold above the feed-in limit must not be generated again.
 *
 * @param input outcome of the interval and the orders it stood under
 * @returns at most one order a member, ascending by member id; none without a limit
 * @throws MarketError as {@link curtail}
 * @source docs/market.md, "Curtailment"
 */
export function curtailGeneration(input: CurtailGenerationInput): readonly GenerationOrder[] {
  const { excesses, sold, unmet, feedInLimit, tieOrder } = input;
  if (feedInLimit === null) return [];
  const unsold = [...excesses].map(
    ([member, excess]): MemberAmount => ({ member, wh: wh(excess - (sold.get(member) ?? 0n)) }),
  );
  const fedIn = split(feedInLimit, unsold, tieOrder);
  const room = feedInLimit - unsold.reduce((sum, amount) => sum + amount.wh, 0n);
  const limits = limitsOf({
    amounts: excesses,
    allowed: new Map([...fedIn].map(([member, amount]) => [member, wh(amount + (sold.get(member) ?? 0n))])),
    spare: wh(room < 0n ? 0n : room + unmet),
    standing: standingOf(input, "generation"),
    tieOrder,
  });
  const interval = boundBy(input.interval);
  return limits.map(({ member, max, wanted }) => ({
    kind: "generation",
    member,
    interval,
    maxExcess: max,
    wanted,
  }));
}

function boundBy(interval: IntervalIndex): IntervalIndex {
  return intervalIndex(interval + ORDER_LEAD_INTERVALS);
}

function limitsOf(input: LimitInput): readonly Limit[] {
  const standing = new Map(input.standing.map((limit) => [limit.member, limit]));
  const raises = raisesOf(input);
  const limits: Limit[] = [];
  for (const [member, amount] of input.amounts) {
    const before = standing.get(member);
    const allowed = input.allowed.get(member) ?? wh(0n);
    if (allowed < amount) {
      const wanted = before !== undefined && before.wanted > amount ? before.wanted : amount;
      limits.push({ member, max: allowed, wanted });
    } else if (before !== undefined) {
      const max = wh(before.max + (raises.get(member) ?? 0n));
      if (max < before.wanted) limits.push({ ...before, max });
    }
  }
  const missing = input.standing.filter(({ member }) => !input.amounts.has(member));
  return [...limits, ...missing].sort(byMemberId);
}

/** Each measured member under an order that was served has a share in what is to spare; the others' limits refused it. */
function raisesOf({ amounts, allowed, spare, standing, tieOrder }: LimitInput): ReadonlyMap<MemberId, Wh> {
  const isServed = (member: MemberId) => {
    const amount = amounts.get(member);
    return amount !== undefined && (allowed.get(member) ?? 0n) >= amount;
  };
  const held = standing
    .filter(({ member }) => isServed(member))
    .map(({ member, max, wanted }) => ({ member, wh: wh(wanted - max) }));
  return split(spare, held, tieOrder);
}

function standingOf(
  input: Pick<CurtailInput, "interval" | "standingOrders" | "tieOrder">,
  kind: OrderKind,
): readonly Limit[] {
  const roster = new Set(input.tieOrder);
  const seen = new Set<MemberId>();
  return input.standingOrders
    .filter((order) => order.kind === kind)
    .map((order): Limit => {
      const { member, interval, wanted } = order;
      const max = maxOf(order);
      if (!roster.has(member)) throw new MarketError("MARKET_NOT_IN_TIE_ORDER", { member });
      if (seen.has(member)) throw new MarketError("MARKET_DUPLICATE_MEMBER", { member });
      if (interval !== input.interval)
        throw new MarketError("MARKET_ORDER_INTERVAL", {
          member,
          boundInterval: interval,
          interval: input.interval,
        });
      if (max < 0n || max >= wanted)
        throw new MarketError("MARKET_ORDER_RANGE", { member, maxWh: max, wantedWh: wanted });
      seen.add(member);
      return { member, max, wanted };
    });
}
