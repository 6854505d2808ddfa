/**
 * How many voters may lie, and how many must agree. One formula for every number of voters:
 * any two quorums share more than f voters, and a quorum remains when f are silent.
 *
 * @source Bracha & Toueg 1985 (n ≥ 3f + 1); EEA QBFT v1 §"quorum" (⌈(n + f + 1) / 2⌉); docs/protocol.md
 */
import { ConsensusError } from "./consensusError.ts";

/** Most voters of one microgrid. */
export const MAX_VOTERS = 200;

/**
 * @param voterCount number of voters, 1…200
 * @returns f: how many of them may lie without harm
 * @throws ConsensusError `CONSENSUS_VOTER_COUNT`
 */
export function maxFaulty(voterCount: number): number {
  if (!Number.isInteger(voterCount) || voterCount < 1 || voterCount > MAX_VOTERS)
    throw new ConsensusError("CONSENSUS_VOTER_COUNT", { voterCount, maxVoters: MAX_VOTERS });
  return Math.floor((voterCount - 1) / 3);
}

/**
 * @param voterCount number of voters, 1…200
 * @returns q: how many votes decide
 * @throws ConsensusError `CONSENSUS_VOTER_COUNT`
 */
export function quorum(voterCount: number): number {
  return Math.ceil((voterCount + maxFaulty(voterCount) + 1) / 2);
}
