/** Failures of the agreement core: a caller that breaks a stated precondition. Untrusted input is refused by value. */
import { AgentError } from "../errors.ts";

/**
 * Codes of {@link ConsensusError}:
 * the number of voters is not in 1…200; a voter is not in the list of its height; votes of different heights,
 * rounds or blocks were put into one certificate; fewer votes than a quorum; a schedule without a DSO to name;
 * an interval or a round is out of range; an input belongs to another height.
 */
export type ConsensusErrorCode =
  | "CONSENSUS_VOTER_COUNT"
  | "CONSENSUS_UNKNOWN_VOTER"
  | "CONSENSUS_MIXED_VOTES"
  | "CONSENSUS_TOO_FEW_VOTES"
  | "CONSENSUS_NO_CANDIDATE"
  | "CONSENSUS_NO_CERTIFICATE"
  | "CONSENSUS_OUT_OF_RANGE"
  | "CONSENSUS_WRONG_HEIGHT";

/** A broken precondition of the agreement core. */
export class ConsensusError extends AgentError<ConsensusErrorCode> {}
