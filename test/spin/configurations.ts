/** Which searches `npm run spin` makes: of which model, with which switches, and what must come out. */

/**
 * What a search must end with. "holds" means that every reachable state was visited and no claim is broken in any.
 * The others mean that a state was found: "reached" by a witness, which claims something wrong on purpose; else a
 * broken claim, where a rule is missing.
 */
export type Expected =
  | "holds"
  /** Two blocks of one height are final, or a new epoch lacks a final block of the old one. */
  | "fork"
  /** An honest DSO can build no valid block. */
  | "stall"
  /** A block may lack what every honest voter holds. */
  | "omission"
  /** An honest DSO loses its office. */
  | "recall"
  /** An honest voter's vote is refused as a stranger's. */
  | "refusal"
  | "reached";

/** One search. */
export type Configuration = {
  /** The file beside this one. */
  readonly model: string;
  /** Unique; `npm run spin -- PART` picks those whose name contains a part. */
  readonly name: string;
  readonly expected: Expected;
  /** Switches of the model, without `-D`. */
  readonly switches: readonly string[];
};

type Search = (name: string, ...switches: string[]) => Configuration;

const searchOf =
  (model: string, expected: Expected, ...common: string[]): Search =>
  (name, ...switches) => ({ model, name, expected, switches: [...common, ...switches] });

const holds = searchOf("agreement.pml", "holds");
/** Rules are taken away one at a time, in a street where the liar is DSO of round 0 and an honest voter of round 1. */
const fork = searchOf("agreement.pml", "fork", "LIAR_IN=1");
const reached = searchOf("agreement.pml", "reached", "LIAR_IN=0");

const AGREEMENT: readonly Configuration[] = [
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

const N3 = ["HONEST=3", "LIARS=0", "QUORUM=2", "LIAR_IN=0"] as const;
const N5 = ["HONEST=4", "QUORUM=4"] as const;
const N6 = ["HONEST=5", "QUORUM=4"] as const;
const N7 = ["HONEST=5", "LIARS=2", "QUORUM=5"] as const;

const RECOVERY: readonly Configuration[] = [
  holds("recovery, n = 3, 2 reports", ...N3, "RECOVER=2"),
  holds("recovery, n = 4, 3 reports, crashes", "CRASH", "LIAR_IN=3", "RECOVER=3"),
  holds("recovery, n = 4, 3 reports, journals lost", "CRASH", "WIPE", "LIAR_IN=3", "RECOVER=3"),
  holds("recovery, n = 5, 3 reports", ...N5, "LIAR_IN=3", "RECOVER=3"),
  holds("recovery, n = 6, 4 reports", ...N6, "LIAR_IN=3", "RECOVER=4"),
  holds("recovery, n = 7, 5 reports", ...N7, "LIAR_IN=3", "RECOVER=5"),
  searchOf("agreement.pml", "fork")("recovery, n = 3, 1 report", ...N3, "RECOVER=1"),
  fork("recovery, n = 4, 2 reports", "CRASH", "RECOVER=2"),
  fork("recovery, n = 5, 2 reports", ...N5, "RECOVER=2"),
  fork("recovery, n = 6, 3 reports", ...N6, "RECOVER=3"),
  fork("recovery, n = 7, 4 reports", ...N7, "RECOVER=4"),
  fork("recovery, reports of lost journals", "CRASH", "WIPE", "RECOVER=3", "RENOUNCE_UNSOUND"),
  fork("recovery, renouncing is not written", "CRASH", "RECOVER=3", "RENOUNCE_NOT_WRITTEN"),
  fork("recovery, reported before renounced", "CRASH", "RECOVER=3", "RENOUNCE_LATER"),
  reached("recovery after a decision", "CRASH", "RECOVER=3", "WITNESS_RECOVERY"),
];

const REJOIN_FILE = "rejoin.pml";
const returns = searchOf(REJOIN_FILE, "holds");
const returnsWrong = searchOf(REJOIN_FILE, "fork");
const returnReached = searchOf(REJOIN_FILE, "reached");

const REJOIN: readonly Configuration[] = [
  returns("rejoin, 2 losses"),
  returns("rejoin, 2 losses, 3 heights", "HEIGHTS=3"),
  returns("rejoin, 2 losses, n = 6", ...N6),
  returns("rejoin, n = 4, silent liar: nobody returns", "LIAR_SILENT", "NOBODY_RETURNS"),
  returns("rejoin, n = 3, one dead: nobody returns", "LIAR_SILENT", "NOBODY_RETURNS", "HONEST=2", "QUORUM=2"),
  returnsWrong("rejoin, votes from h", "LOSSES=1", "FROM_H"),
  returnsWrong("rejoin, votes from a claimed head + 1", "LOSSES=1", "FROM_CLAIM=1"),
  returnsWrong("rejoin, votes from a claimed head + 2", "LOSSES=1", "FROM_CLAIM=2"),
  returnsWrong("rejoin, by a block that is not certified", "LOSSES=1", "UNCERTIFIED"),
  returnsWrong("rejoin, by any rejoin of its own", "ANY_NONCE"),
  returnsWrong("rejoin, the nonce read back from disk", "NONCE_KEPT"),
  returnsWrong("rejoin, an empty disk counts as new", "LOSSES=1", "EMPTY_IS_NEW"),
  returnsWrong("rejoin, without S5", "LOSSES=1", "NO_S5"),
  returnReached("rejoin, it votes again", "WITNESS_RETURN"),
  returnReached("rejoin, it is back after two losses", "WITNESS_SECOND_RETURN"),
  returnReached("rejoin, n = 6, silent liar: it returns", "LIAR_SILENT", "NOBODY_RETURNS", ...N6),
];

const INCLUSION_FILE = "inclusion.pml";
const builds = searchOf(INCLUSION_FILE, "holds");
const stalls = searchOf(INCLUSION_FILE, "stall");
const omits = searchOf(INCLUSION_FILE, "omission");

/** n, f, q and a threshold, as switches. */
const sized = (n: number, f: number, q: number, threshold: number) =>
  [`N=${n}`, `FAULTY=${f}`, `QUORUM=${q}`, `THRESHOLD=${threshold}`] as const;
const NAMED_N6 = sized(6, 1, 4, 2);

const INCLUSION: readonly Configuration[] = [
  builds("held, n = 2, by 2", ...sized(2, 0, 2, 2)),
  builds("held, n = 3, by 2", ...sized(3, 0, 2, 2)),
  builds("held, n = 4, by 2", ...sized(4, 1, 3, 2)),
  builds("held, n = 5, by 2", ...sized(5, 1, 4, 2)),
  builds("held, n = 6, by 3", ...sized(6, 1, 4, 3)),
  builds("held, n = 7, by 3", ...sized(7, 2, 5, 3)),
  builds("held, n = 10, by 4", ...sized(10, 3, 7, 4)),
  builds("held, two bodies in one place", "SAME_SLOT"),
  builds("held, items of two signers that exclude each other", "EXCLUSIVE"),
  builds("held, one item after another", "SEQUENCE"),
  builds("held, two bodies and the evidence of them", "EVIDENCE", "ITEMS=3"),
  stalls("held, n = 6, by f + 1", ...sized(6, 1, 4, 2)),
  omits("held, n = 4, by n - q + f + 1", ...sized(4, 1, 3, 3)),
  omits("held, n = 3 with a liar", ...sized(3, 1, 2, 2)),
  stalls("held, a quorum is left only with the liar", "LIARS_VOTE"),
  stalls("held, no excuse, two bodies", "SAME_SLOT", "NO_EXCUSE"),
  stalls("held, excuse of one signer's place alone, two signers", "EXCLUSIVE", "SLOT_EXCUSE"),
  stalls("held, excuse of one signer's place alone, evidence", "EVIDENCE", "ITEMS=3", "SLOT_EXCUSE"),
  omits("held, excuse of one signer's place alone, sequence", "SEQUENCE", "SLOT_EXCUSE"),
  builds("names, n = 3, ROUND_CHANGEs chosen", ...sized(3, 0, 2, 1), "SIGNERS_LEFT", "LIARS_VOTE"),
  builds("names, n = 4, ROUND_CHANGEs chosen", ...sized(4, 1, 3, 2), "SIGNERS_LEFT", "LIARS_VOTE"),
  builds("names, n = 6, ROUND_CHANGEs chosen", ...NAMED_N6, "SIGNERS_LEFT", "LIARS_VOTE"),
  builds("names, n = 7, ROUND_CHANGEs chosen", ...sized(7, 2, 5, 3), "SIGNERS_LEFT", "LIARS_VOTE"),
  builds("names, n = 6, the first ROUND_CHANGEs, bytes in them", ...NAMED_N6, "CARRIED", "LIARS_VOTE"),
  stalls("names, n = 6, the first ROUND_CHANGEs, bytes served", ...NAMED_N6),
  searchOf(INCLUSION_FILE, "reached")("held, two items just forced", "WITNESS_FORCED"),
];

const COMPLETENESS_FILE = "completeness.pml";
const keeps = searchOf(COMPLETENESS_FILE, "holds");
const recalls = searchOf(COMPLETENESS_FILE, "recall", "HONEST_DSO");

const COMPLETENESS: readonly Configuration[] = [
  keeps("complete, clocks agree"),
  keeps("complete, clocks apart by A - R/2", "SKEW=2"),
  keeps("complete, clocks further apart, A longer", "SKEW=3", "A=5"),
  keeps("complete, A = R longer than the grace, honest DSO", "HALF_GRACE=1", "A=4", "HONEST_DSO"),
  keeps("complete, without the cut-off", "NO_CUT_OFF"),
  searchOf(COMPLETENESS_FILE, "omission")("complete, A and a way longer than the grace", "A=7"),
  recalls("complete, clocks apart by more than A - R/2", "SKEW=3"),
  recalls("complete, A half a round trip", "HALF_GRACE=1", "A=2"),
  recalls("complete, without A", "HALF_GRACE=1", "NO_A"),
  recalls("complete, without A or cut-off", "NO_A", "NO_CUT_OFF"),
  recalls("complete, without the quota", "NO_QUOTA"),
  recalls("complete, without the conflict clause", "NO_CONFLICT"),
  recalls("complete, evidence is no conflict", "NO_EVIDENCE"),
  searchOf(
    COMPLETENESS_FILE,
    "reached",
    "HONEST_DSO",
  )("complete, a late item counts and is there", "WITNESS_COUNTED"),
];

const ROSTER_FILE = "roster.pml";
const changes = searchOf(ROSTER_FILE, "holds");
const refuses = searchOf(ROSTER_FILE, "refusal");
const cannotEmbed = searchOf(ROSTER_FILE, "stall");

const ROSTER: readonly Configuration[] = [
  changes("roster at h + 2, rekey", "REKEY"),
  changes("roster at h + 2, 4 to 5 voters", "ADD"),
  changes("roster at h + 2, 4 to 3 voters"),
  searchOf(ROSTER_FILE, "fork")("roster at h, rekey", "REKEY", "LAG=0"),
  refuses("roster at h + 1, rekey", "REKEY", "LAG=1"),
  refuses("roster at h + 1, 4 to 5 voters", "ADD", "LAG=1"),
  cannotEmbed("roster, embedded certificate by later voters, rekey", "REKEY", "EMBEDDING_VOTERS"),
  cannotEmbed("roster, embedded certificate by later voters, 4 to 5", "ADD", "EMBEDDING_VOTERS"),
  searchOf(ROSTER_FILE, "reached")("roster, a new key votes", "REKEY", "WITNESS_CHANGE"),
];

/** Every search, in the order of docs/spin.md. */
export const CONFIGURATIONS: readonly Configuration[] = [
  ...AGREEMENT,
  ...RECOVERY,
  ...REJOIN,
  ...INCLUSION,
  ...COMPLETENESS,
  ...ROSTER,
];
