/**
 * How many voters must have given up an epoch, each with its votes at hand, before the next epoch can be proven to
 * take over every block that was decided.
 *
 * @source docs/adr/0018, "Recovery"; docs/adr/0026
 */
import { maxFaulty, quorum } from "./quorum.ts";

/** What a count of reports comes to. */
export type RecoveryCount = {
  readonly voters: number;
  /** Sound reports there must be. */
  readonly needed: number;
  readonly sound: number;
  /** Sound reports that are wanting; 0 when the recovery is proven. */
  readonly missing: number;
  /** True when more voters are declared lost than may lie: no number of reports proves anything then. */
  readonly isTooManyLost: boolean;
};

/**
 * Any quorum that decided a block shares more voters with the reporters than may lie, so an honest one of them holds
 * it. Voters that are declared lost and leave the roster count as the liars.
 *
 * @param voters of the height in progress, 1…200
 * @param lost of them declared lost, none of whom reports
 * @returns how many sound reports of the others prove the recovery; beyond f lost voters nothing does
 * @throws ConsensusError `CONSENSUS_VOTER_COUNT`
 */
export function reportsNeeded(voters: number, lost: number): number {
  const liars = maxFaulty(voters);
  return lost > liars ? Number.POSITIVE_INFINITY : voters - quorum(voters) + (liars - lost) + 1;
}

/** @param voters of the height in progress @param lost of them declared lost @param sound reports of others @returns what is wanting */
export function countReports(voters: number, lost: number, sound: number): RecoveryCount {
  const isTooManyLost = lost > maxFaulty(voters);
  const needed = reportsNeeded(voters, isTooManyLost ? maxFaulty(voters) : lost);
  return { voters, needed, sound, missing: Math.max(0, needed - sound), isTooManyLost };
}

/** @param count of reports @returns true when every decided block is known to be taken over */
export function isProvenBy({ missing, isTooManyLost }: RecoveryCount): boolean {
  return missing === 0 && !isTooManyLost;
}
