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
};

/**
 * Any quorum that decided a block shares more voters with the reporters than may lie, so an honest one of them holds
 * it. Up to as many voters as may lie count as the liars when they are declared lost and leave the roster. More than
 * that cannot be the liars alone; they are merely silent then, and the full number of others must report.
 *
 * @param voters of the height in progress, 1…200
 * @param lost of them declared lost, none of whom reports
 * @returns how many sound reports of the others prove the recovery; there need not be so many others
 * @throws ConsensusError `CONSENSUS_VOTER_COUNT`
 */
export function reportsNeeded(voters: number, lost: number): number {
  const liars = maxFaulty(voters);
  const liarsLeft = lost > liars ? liars : liars - lost;
  return voters - quorum(voters) + liarsLeft + 1;
}

/** @param voters of the height in progress @param lost of them declared lost @param sound reports of others @returns what is wanting */
export function countReports(voters: number, lost: number, sound: number): RecoveryCount {
  const needed = reportsNeeded(voters, lost);
  return { voters, needed, sound, missing: Math.max(0, needed - sound) };
}

/** @param count of reports @returns true when every decided block is known to be taken over */
export function isProvenBy({ missing }: RecoveryCount): boolean {
  return missing === 0;
}
