/**
 * What must hold of the claims on an interval's energy, checked from what every member generated and the
 * claims alone: nothing here calls the code under test.
 *
 * @source docs/market.md, "Provenance"
 */
import type { IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { Claims, FuelAmounts, Provenance } from "../../agent/core/market/provenance.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { isLargestRemainder, sum } from "./largestRemainder.ts";

/** Name of a property that does not hold. */
export type ClaimViolation =
  | "claims-not-parallel"
  | "claim-not-whole"
  | "claimed-twice"
  | "claim-not-in-proportion"
  | "feed-in-not-the-rest"
  | "claim-of-the-supplier"
  | "excess-not-in-proportion";

/** The order that lists by fuel have. @source docs/market.md, "Provenance" */
const ORDER = ["solar", "wind", "hydro", "biogas", "diesel", "battery", "grid-mix", "undeclared"] as const;

/**
 * Checks the claims of one outcome.
 *
 * @param outcome of the interval
 * @param generated of every member, by fuel
 * @param excesses that are claimed to be made of it
 * @param claims on them
 * @returns the properties that do not hold, none for right claims
 */
export function claimViolations(
  outcome: Pick<IntervalOutcome, "positions" | "trades" | "residuals">,
  generated: ReadonlyMap<MemberId, FuelAmounts>,
  excesses: ReadonlyMap<MemberId, FuelAmounts>,
  claims: Claims,
): readonly ClaimViolation[] {
  const { positions, trades, residuals } = outcome;
  const parallel = trades.length === claims.trades.length && residuals.length === claims.residuals.length;
  if (!parallel) return ["claims-not-parallel"];
  const ofTrades = trades.map((trade, at) => ({
    seller: trade.from,
    wh: trade.wh,
    part: claims.trades[at]!,
  }));
  const ofFeedIn = residuals.flatMap(({ member, kind, wh }, at) =>
    kind === "fed-in" ? [{ seller: member, wh, part: claims.residuals[at]! }] : [],
  );
  const all = [...ofTrades, ...ofFeedIn];
  const excessOf = (member: MemberId) => excesses.get(member) ?? [];
  const takenOf = (member: MemberId, fuel: Provenance) =>
    sum(all.filter((one) => one.seller === member).map(({ part }) => amount(part, fuel)));
  const sellers = [...new Set(all.map((one) => one.seller))];
  const fedIn = new Set(ofFeedIn.map((one) => one.seller));
  const holds: Record<Exclude<ClaimViolation, "claims-not-parallel">, boolean> = {
    "claim-not-whole": all.every(({ part, wh }) => total(part) === wh && isWellFormed(part)),
    "claimed-twice": sellers.every((seller) =>
      ORDER.every((fuel) => takenOf(seller, fuel) <= amount(excessOf(seller), fuel)),
    ),
    "claim-not-in-proportion": sellers.every((seller) =>
      isWalked(
        all.filter((one) => one.seller === seller).map(({ part }) => part),
        excessOf(seller),
      ),
    ),
    "feed-in-not-the-rest": [...fedIn].every((seller) =>
      ORDER.every((fuel) => takenOf(seller, fuel) === amount(excessOf(seller), fuel)),
    ),
    "claim-of-the-supplier": residuals.every(
      ({ kind }, at) => kind === "fed-in" || claims.residuals[at]!.length === 0,
    ),
    "excess-not-in-proportion": positions.every(({ member, position }) => {
      const parts = partsOf(generated.get(member) ?? [], excessOf(member));
      return isLargestRemainder(position > 0n ? position : 0n, parts);
    }),
  };
  return Object.entries(holds).flatMap(([name, isHeld]) => (isHeld ? [] : [name as ClaimViolation]));
}

/** Each claim in turn is the split of its total over what the ones before it left. */
function isWalked(claims: readonly FuelAmounts[], excess: FuelAmounts): boolean {
  let left = excess;
  return claims.every((claim) => {
    const isSplit = isLargestRemainder(total(claim), partsOf(left, claim));
    left = left.map(([fuel, before]) => [fuel, (before - amount(claim, fuel)) as typeof before]);
    return isSplit;
  });
}

function partsOf(amounts: FuelAmounts, shares: FuelAmounts) {
  return ORDER.map((fuel, rank) => ({ amount: amount(amounts, fuel), share: amount(shares, fuel), rank }));
}

function isWellFormed(amounts: FuelAmounts): boolean {
  const places = amounts.map(([fuel]) => ORDER.indexOf(fuel));
  return (
    amounts.every(([, one]) => one > 0n) &&
    places.every((place, at) => at === 0 || (places[at - 1] ?? place) < place)
  );
}

function amount(amounts: FuelAmounts, fuel: Provenance): bigint {
  return amounts.find(([one]) => one === fuel)?.[1] ?? 0n;
}

function total(amounts: FuelAmounts): bigint {
  return sum(amounts.map(([, one]) => one));
}
