/**
 * A member's energy in one interval and what follows from it: its position.
 *
 * @source Dzobo, Malila, Sithole 2021, Steps 1–2; docs/market.md, "Position"
 */
import type { MemberId } from "../membership/address.ts";
import { type Wh, wh } from "../units.ts";
import { MarketError } from "./marketError.ts";

/** What a member generated and consumed in one interval, in Wh, both ≥ 0. */
export type MemberEnergy = { readonly member: MemberId; readonly generated: Wh; readonly consumed: Wh };

/** The same with `position` = generated − consumed: above 0 is excess, below 0 deficit. */
export type MemberPosition = MemberEnergy & { readonly position: Wh };

/**
 * Derives a member's position.
 *
 * @param energy generated and consumed, Wh ≥ 0
 * @returns the energy with its position
 * @throws MarketError `MARKET_NEGATIVE_ENERGY`
 * @source docs/market.md, "Position"
 */
export function positionOf(energy: MemberEnergy): MemberPosition {
  const { member, generated, consumed } = energy;
  if (generated < 0n || consumed < 0n) {
    throw new MarketError("MARKET_NEGATIVE_ENERGY", {
      member,
      generatedWh: generated,
      consumedWh: consumed,
    });
  }
  return { member, generated, consumed, position: wh(generated - consumed) };
}
