/** What a running gateway tells of its office, its members and their contradictions: bodies of the local API. */
import type { Hash } from "../core/hash.ts";
import type { SignedTransaction } from "../core/ledger/state/transaction.ts";
import type { MeterRole } from "../core/membership/enrolment.ts";
import type { Verdict } from "../core/verdict.ts";

/** The proof of office: how the term began, and whose signatures say so. */
export type MandateView = {
  readonly kind: "genesis" | "term-end" | "recall";
  readonly height: number;
  /** The round the recall mandated; null unless `recall`. */
  readonly round: number | null;
  /** Names of the voters that signed the recall; empty unless `recall`. */
  readonly signedBy: readonly string[];
};

/** `GET /api/v1/dso` */
export type DsoView = {
  readonly schema: "edso.dso/1";
  /** Null before the first block. */
  readonly office: {
    readonly name: string;
    readonly term: number;
    /** Blocks of the term so far, and after how many it ends. */
    readonly blocksInTerm: number;
    readonly termMax: number;
    readonly sinceHeight: number;
    readonly mandate: MandateView;
  } | null;
  /** Who holds the office at the next height, round by round. */
  readonly candidates: readonly CandidateView[];
  /** Whom this gateway has chosen in this term; null for nobody. */
  readonly ownBallot: string | null;
  /** Members without a vote, and why. */
  readonly withoutVote: readonly { readonly name: string; readonly because: "guest" | "suspended" }[];
  /** A change of the roster on its way; null for none. */
  readonly pending: { readonly change: string; readonly activeAt: number } | null;
  /** Sequence that the GridAdmin's next transaction has to carry. */
  readonly nextAdminSequence: number;
};

/** One place in the order of the candidates. */
export type CandidateView = {
  readonly name: string;
  readonly ballots: number;
  /** Certificates on end, as blocks embed them, that it had no part in. */
  readonly absent: number;
  readonly place: "incumbent" | "candidate" | "term-over" | "named-by-evidence";
};

/** One entry of `GET /api/v1/evidence`: a member's newest contradiction. */
export type EvidenceView = {
  readonly schema: "edso.evidence/1";
  readonly offender: string;
  readonly kind: "votes" | "readings";
  /** Height of the votes, or interval of the readings. */
  readonly place: number;
  /** Height of the block that holds it, and who reported it. */
  readonly provenAt: number;
  readonly reportedBy: string;
  /** Digests of the two statements. */
  readonly digests: readonly [Hash, Hash];
};

/** A transaction that waits for a block: the answer to `POST /api/v1/transactions` and `/api/v1/ballot`. */
export type TransactionView = {
  readonly schema: "edso.transaction/1";
  readonly id: Hash;
  readonly signer: string;
  readonly sequence: number;
  readonly kind: string;
};

/** What an installer says of a swap: `POST /api/v1/meters/swap`. Registers in whole Wh, import before export. */
export type SwapRequest = {
  readonly role: MeterRole;
  readonly oldSerial: string;
  readonly newSerial: string;
  readonly oldEndWh: readonly number[];
  readonly newStartWh: readonly number[];
};

/** What the local API asks of the agent about who takes part, who votes and who was chosen. */
export interface GovernanceApi {
  dso(): Promise<DsoView>;
  evidence(): Promise<readonly EvidenceView[]>;
  /**
   * Casts the ballot of this gateway in this term.
   *
   * @param candidate name of a voter; null takes the ballot back
   * @returns the transaction, once it would survive a power cut; null when there is no such voter
   * @throws ServiceError `TRANSACTIONS_WAITING`, `TRANSACTION_NOT_DURABLE`
   */
  castBallot(candidate: string | null): Promise<TransactionView | null>;
  /**
   * States that a meter of this gateway was swapped, in the interval that is running.
   *
   * @param request serial numbers and registers
   * @returns the transaction, once it would survive a power cut; or the code that it would have no effect with
   * @throws ServiceError `TRANSACTIONS_WAITING`, `TRANSACTION_NOT_DURABLE`
   */
  swapMeter(request: SwapRequest): Promise<Verdict<TransactionView>>;
  /** @param signed by the GridAdmin or another member @returns it once it waits for a block and was published, or why not */
  take(signed: SignedTransaction): Verdict<TransactionView>;
}
