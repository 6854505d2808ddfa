/** What happened often enough to be worth counting: a campaign shows with it that its faults were real. */
export type Counts = {
  messages: number;
  highestRound: number;
  recalls: number;
  equivocations: number;
  restarts: number;
  proposedAgain: number;
  refusals: number;
};

/** @returns nothing yet */
export function noCounts(): Counts {
  return {
    messages: 0,
    highestRound: 0,
    recalls: 0,
    equivocations: 0,
    restarts: 0,
    proposedAgain: 0,
    refusals: 0,
  };
}
