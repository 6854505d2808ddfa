/** What a simulated schedule of the agreement is told, and what it tells. */

/** What one schedule does. */
export type SimOptions = {
  readonly seed: number;
  readonly voterCount: number;
  /** Heights that every sound gateway must reach. */
  readonly heights: number;
  /** Voters that crash for good, at most f together with the twin. */
  readonly crashes: number;
  /** Whether one voter runs twice under one key, each run talking to a part of the others. */
  readonly hasTwin: boolean;
  /** Share of messages lost before the heal. */
  readonly dropShare: number;
  /** Whether the voters are cut into two halves before the heal. */
  readonly isCut: boolean;
  readonly termMax: number;
  /** Times that each sound gateway loses its power and starts again from its votes; none unless told. */
  readonly restarts?: number;
  /** Plants a bug: a restarted gateway starts without its votes. */
  readonly forgetsVotes?: boolean;
};

/** What came of it. */
export type SimResult = {
  /** Empty when every rule held. */
  readonly faults: readonly string[];
  readonly decidedHeights: number;
  readonly highestRound: number;
  readonly recalls: number;
  /** Blocks proposed again after a recall. */
  readonly proposedAgain: number;
  readonly equivocations: number;
  readonly terms: number;
  readonly messages: number;
};
