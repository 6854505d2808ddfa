/** The properties that a campaign runs, by name. */
import type { CampaignProperty } from "./campaignProperty.ts";
import { registersMonotone, replayIdempotent } from "./meterProperties.ts";
import {
  auctionRational,
  claimsOnce,
  coinsConserved,
  cutBounded,
  energyConserved,
  permutationFree,
} from "./streetProperties.ts";

/** Each under the name it has on the command line and in the file of results. */
export const PROPERTIES: Readonly<Record<string, CampaignProperty>> = {
  energy: energyConserved(),
  coins: coinsConserved(),
  permutation: permutationFree(),
  cut: cutBounded(),
  replay: replayIdempotent(),
  registers: registersMonotone(),
  auction: auctionRational(),
  claims: claimsOnce(),
};
