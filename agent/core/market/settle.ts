/**
 * The settlement contract: what the trades and residuals of one balanced interval cost, to the micro-coin, and what
 * becomes of the accounts by it.
 *
 * @source docs/market.md, "Settlement"
 */
import type { MemberId } from "../membership/address.ts";
import type { Policy } from "../membership/policy.ts";
import { type MicroCoins, microCoins, type PricePerKwh } from "../units.ts";
import { type AccountId, isWithinBounds, type Posting } from "./accounts.ts";
import type { IntervalOutcome, Residual } from "./balance.ts";
import type { Trade } from "./pairing.ts";
import { gramsOf, stepAt } from "./policy.ts";
import { type FuelAmounts, UNDECLARED } from "./provenance.ts";

/** The money of one trade. */
export type TradeEntry = {
  readonly price: PricePerKwh;
  /** By the buyer, rounded up. */
  readonly paid: MicroCoins;
  /** By the seller, rounded down. */
  readonly received: MicroCoins;
  /** By the buyer, beside the price; rounded up. */
  readonly fee: MicroCoins;
  /** By the buyer, for what was made from fossil fuels; rounded up. */
  readonly carbon: MicroCoins;
  /** Together the energy of the trade. */
  readonly fuels: FuelAmounts;
};

/** The money of one residual. */
export type ResidualEntry = {
  readonly price: PricePerKwh;
  /** Paid by the member for what it bought, rounded up; paid to it for what it fed in, rounded down. */
  readonly amount: MicroCoins;
  /** By the member, for what the base-load supplier's energy was made from; rounded up. */
  readonly carbon: MicroCoins;
};

/** The money of one interval. */
export type Settlement = {
  readonly policyVersion: number;
  /** What every trade of the interval was made at; null when an auction traded nothing. */
  readonly price: PricePerKwh | null;
  /** Members whose deficit took no part, since their account was too far below 0 before the block; ascending. */
  readonly ineligible: readonly MemberId[];
  /** One for each trade of the outcome, in its order. */
  readonly trades: readonly TradeEntry[];
  /** One for each residual of the outcome, in its order. */
  readonly residuals: readonly ResidualEntry[];
};

/** What an interval is settled from. */
export type SettleInput = {
  readonly outcome: IntervalOutcome;
  /** In force in that interval. */
  readonly policy: Policy;
  readonly ineligible: readonly MemberId[];
  /** Of the auction, null when it traded nothing; without it the trade price of the policy holds. */
  readonly price?: PricePerKwh | null | undefined;
  /** For each trade of the outcome what it was made from; without it everything is undeclared. */
  readonly fuels?: readonly FuelAmounts[];
};

const WH_PER_KWH = 1_000n;
/** Wh · g/kWh · µcoin/kg in a µcoin. */
const CARBON_SCALE = 1_000_000n;

/**
 * Settles one interval.
 *
 * @param input outcome, policy, who took no part in buying, and what the trades were made from
 * @returns its settlement, or null when an amount is beyond 64 bits: then no coin moves
 * @source docs/market.md, "Settlement"
 */
export function settle({ outcome, policy, ineligible, price, fuels }: SettleInput): Settlement | null {
  const step = stepAt(policy, outcome.interval);
  const traded = price === undefined ? step.trade : price;
  const settlement: Settlement = {
    policyVersion: policy.version,
    price: traded,
    ineligible: ineligible.toSorted(),
    trades:
      traded === null
        ? []
        : outcome.trades.map((trade, index) =>
            tradeEntry(trade, traded, policy, fuels?.[index] ?? [[UNDECLARED, trade.wh]]),
          ),
    residuals: outcome.residuals.map((residual) => residualEntry(residual, step, policy)),
  };
  const amounts = [
    ...settlement.trades.flatMap(({ paid, fee, carbon }) => [paid, fee, carbon]),
    ...settlement.residuals.flatMap(({ amount, carbon }) => [amount, carbon]),
  ];
  return amounts.every(isWithinBounds) ? settlement : null;
}

/**
 * Tells what an interval does to the accounts: the one way that they change, beside coins that are issued and late
 * energy.
 *
 * @param outcome of the interval
 * @param settlement of the same
 * @returns what each account changes by, 0 together; an account may stand in it more than once
 */
export function postingsOf(outcome: IntervalOutcome, settlement: Settlement): readonly Posting[] {
  return [
    ...outcome.trades.flatMap((trade, index) => tradePostings(trade, settlement.trades[index])),
    ...outcome.residuals.flatMap((residual, index) =>
      residualPostings(residual, settlement.residuals[index]),
    ),
  ];
}

/** @param amount Wh ≥ 0 @param price of a kWh @returns what whoever pays for it pays: rounded up to a µcoin */
export function costOf(amount: bigint, price: bigint): MicroCoins {
  return microCoins(ceilDivided(amount * price, WH_PER_KWH));
}

/** @param amount Wh ≥ 0 @param price of a kWh @returns what whoever is paid for it gets: rounded down to a µcoin */
export function worthOf(amount: bigint, price: bigint): MicroCoins {
  return microCoins((amount * price) / WH_PER_KWH);
}

function tradeEntry({ wh }: Trade, price: PricePerKwh, policy: Policy, fuels: FuelAmounts): TradeEntry {
  return {
    price,
    paid: costOf(wh, price),
    received: worthOf(wh, price),
    fee: costOf(wh, policy.fee),
    carbon: premiumOf(policy, fuels),
    fuels,
  };
}

function residualEntry(
  { kind, wh }: Residual,
  {
    supplierSells,
    supplierBuys,
  }: { readonly supplierSells: PricePerKwh; readonly supplierBuys: PricePerKwh },
  policy: Policy,
): ResidualEntry {
  switch (kind) {
    case "bought":
      return {
        price: supplierSells,
        amount: costOf(wh, supplierSells),
        carbon: premiumOf(policy, [[policy.supplierFuel, wh]]),
      };
    case "imbalance":
      return { price: supplierSells, amount: costOf(wh, supplierSells), carbon: microCoins(0n) };
    case "fed-in":
      return { price: supplierBuys, amount: worthOf(wh, supplierBuys), carbon: microCoins(0n) };
    default:
      return kind satisfies never;
  }
}

/** Rounded up once, however many fuels there are. */
function premiumOf(policy: Policy, fuels: FuelAmounts): MicroCoins {
  const scaled = fuels.reduce((sum, [fuel, wh]) => sum + wh * gramsOf(policy, fuel), 0n);
  return microCoins(ceilDivided(scaled * policy.carbon.rate, CARBON_SCALE));
}

function tradePostings({ from, to }: Trade, entry: TradeEntry | undefined): readonly Posting[] {
  if (entry === undefined) throw new RangeError("a trade without its money");
  const { paid, received, fee, carbon } = entry;
  return [
    posting(to, -(paid + fee + carbon)),
    posting(from, received),
    posting("rounding", paid - received),
    posting("fees", fee),
    posting("carbon", carbon),
  ];
}

function residualPostings({ member, kind }: Residual, entry: ResidualEntry | undefined): readonly Posting[] {
  if (entry === undefined) throw new RangeError("a residual without its money");
  const { amount, carbon } = entry;
  if (kind === "fed-in") return [posting(member, amount), posting("supplier", -amount)];
  return [
    posting(member, -(amount + carbon)),
    posting(kind === "imbalance" ? "imbalance" : "supplier", amount),
    posting("carbon", carbon),
  ];
}

function posting(account: AccountId, amount: bigint): Posting {
  return { account, amount: microCoins(amount) };
}

function ceilDivided(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
