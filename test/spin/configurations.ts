/** Which searches `npm run spin` makes: the model's switches and what must come out. */

/**
 * What a search must end with. "holds" means every reachable state was visited and none is a fork; "fork" and
 * "reached" mean that a state was found, a fork where a rule is missing or a witness that the search gets there.
 */
export type Expected = "holds" | "fork" | "reached";

/** One search. */
export type Configuration = {
  /** Unique; `npm run spin -- PART` picks those whose name contains a part. */
  readonly name: string;
  readonly expected: Expected;
  /** Switches of agreement.pml, without `-D`. */
  readonly switches: readonly string[];
};

/** Rules are taken away one at a time, in a street where the liar is DSO of round 0 and an honest voter of round 1. */
const LIAR_FIRST = "LIAR_IN=1";

const holds = (name: string, ...switches: string[]): Configuration => ({ name, expected: "holds", switches });
const fork = (name: string, ...switches: string[]): Configuration => ({
  name,
  expected: "fork",
  switches: [LIAR_FIRST, ...switches],
});
const reached = (name: string, ...switches: string[]): Configuration => ({
  name,
  expected: "reached",
  switches: ["LIAR_IN=0", ...switches],
});

/** Every search, in the order of docs/spin.md. */
export const CONFIGURATIONS: readonly Configuration[] = [
  holds("all rules, crashes, liar never DSO", "CRASH", "LIAR_IN=0"),
  holds("all rules, crashes, liar DSO of round 0", "CRASH", "LIAR_IN=1"),
  holds("all rules, crashes, liar DSO of round 1", "CRASH", "LIAR_IN=2"),
  holds("all rules, crashes, liar always DSO", "CRASH", "LIAR_IN=3"),
  holds("the same, voters unsorted", "CRASH", "LIAR_IN=3", "NAMED"),
  holds("all rules, journals lost, liar always DSO", "CRASH", "WIPE", "LIAR_IN=3"),
  holds("all rules, next height, liar always DSO", "NEXT_HEIGHT", "LIAR_IN=3"),
  holds("all rules, 3 rounds, liar always DSO", "ROUNDS=3", "LIAR_IN=7"),
  holds("all rules, 4 rounds, liar always DSO", "ROUNDS=4", "LIAR_IN=15"),
  holds("all rules, n = 6, q = 4, liar always DSO", "HONEST=5", "QUORUM=4", "LIAR_IN=3"),
  fork("without S1", "NO_S1"),
  fork("without S2", "NO_S2"),
  fork("without S3", "NO_S3"),
  fork("S3 without the highest prepared block", "NO_S3_HIGHEST"),
  fork("S3 without the prepared certificate", "NO_S3_PROOF"),
  fork("without S4", "NO_S4"),
  fork("without S5", "NEXT_HEIGHT", "NO_S5"),
  fork("COMMITs counted over mixed rounds", "ROUNDS=4", "MIXED_ROUNDS"),
  fork("quorum 2f + 1 at n = 6", "HONEST=5", "QUORUM=3"),
  fork("n = 3 with a liar", "HONEST=2", "QUORUM=2"),
  fork("no journal", "CRASH", "NO_JOURNAL"),
  fork("votes sent before they are written", "CRASH", "SEND_FIRST"),
  fork("PREPARE not written", "CRASH", "JOURNAL_NO_PREPARE"),
  fork("COMMIT not written", "CRASH", "JOURNAL_NO_COMMIT"),
  fork("ROUND_CHANGE not written", "CRASH", "JOURNAL_NO_ROUND_CHANGE"),
  fork("COMMIT written without its certificate", "CRASH", "JOURNAL_NO_CERTIFICATE"),
  fork("a lost journal, and voting on", "CRASH", "WIPE", "NO_AMNESIA"),
  reached("a decision in round 1", "WITNESS_DECISION"),
  reached("a block decided in both rounds", "WITNESS_AGAIN"),
  reached("one COMMIT for A in round 0, B decided in round 1", "WITNESS_PASSED_OVER"),
  reached("a decision at the next height", "NEXT_HEIGHT", "WITNESS_NEXT"),
];
