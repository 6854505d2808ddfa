/** The policy of the demo's street: prices by the hour of its simulated days, a small fee, and a price on carbon. */
import type { Policy, PriceStep } from "../core/membership/policy.ts";
import { type IntervalIndex, intervalIndex, microCoins, pricePerKwh } from "../core/units.ts";
import { DEMO_MICROGRID_ID, FIRST_HOUR, METERED_SECONDS_PER_INTERVAL } from "./demoStreet.ts";

/** Simulated days that it is in force for. */
const DAYS = 90;
const INTERVALS_PER_HOUR = 3600 / METERED_SECONDS_PER_INTERVAL;
const HOURS_PER_DAY = 24;
/** Prices from an hour of the day on, in micro-coins per kWh; of the size that households in Europe pay, a coin a euro. */
const TARIFF = [
  { hour: 0, trade: 130_000n, supplierSells: 220_000n, supplierBuys: 70_000n },
  { hour: 6, trade: 180_000n, supplierSells: 300_000n, supplierBuys: 80_000n },
  { hour: 17, trade: 230_000n, supplierSells: 380_000n, supplierBuys: 90_000n },
  { hour: 21, trade: 150_000n, supplierSells: 260_000n, supplierBuys: 75_000n },
] as const;
/** A thousand coins: nobody runs into it during a demo. */
const CREDIT_LIMIT = 1_000_000_000n;

/** @param from first interval of the demo @returns its policy, not yet signed */
export function demoPolicy(from: IntervalIndex): Policy {
  return {
    microgridId: DEMO_MICROGRID_ID,
    version: 1,
    from,
    to: intervalIndex(from + DAYS * HOURS_PER_DAY * INTERVALS_PER_HOUR),
    pricing: "schedule",
    prices: stepsFrom(from),
    floor: pricePerKwh(70_000n),
    cap: pricePerKwh(380_000n),
    feedInLimit: null,
    creditLimit: microCoins(CREDIT_LIMIT),
    creditLimits: [],
    fee: pricePerKwh(2_000n),
    supplierFuel: "grid-mix",
    mixTarget: [
      ["solar", 400],
      ["wind", 250],
      ["hydro", 200],
      ["grid-mix", 150],
    ],
    carbon: {
      grams: [
        ["diesel", 800],
        ["grid-mix", 380],
      ],
      rate: pricePerKwh(50_000n),
    },
    connectionRatings: [],
  };
}

/** The simulated day is already some hours old when the first interval begins. */
function stepsFrom(from: IntervalIndex): readonly PriceStep[] {
  const changes = Array.from({ length: DAYS + 1 }, (_, day) =>
    TARIFF.map(({ hour, ...prices }) => ({
      at: (day * HOURS_PER_DAY + hour - FIRST_HOUR) * INTERVALS_PER_HOUR,
      prices,
    })),
  ).flat();
  const first = changes.findLastIndex(({ at }) => at <= 0);
  return changes
    .slice(first)
    .filter(({ at }) => at < DAYS * HOURS_PER_DAY * INTERVALS_PER_HOUR)
    .map(({ at, prices }) => ({
      from: intervalIndex(from + Math.max(0, at)),
      trade: pricePerKwh(prices.trade),
      supplierSells: pricePerKwh(prices.supplierSells),
      supplierBuys: pricePerKwh(prices.supplierBuys),
    }));
}
