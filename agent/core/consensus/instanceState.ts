/**
 * What one height of agreement is told, what it answers, and what it remembers in between: data only.
 *
 * @source docs/protocol.md, "Flow of one height"
 */
import type { Hash } from "../hash.ts";
import type { Height, Round } from "../units.ts";
import type { VoterId } from "./candidates.ts";
import type { Holding, Item, ItemList } from "./item.ts";
import type {
  CommitCertificate,
  Justification,
  Message,
  PreparedCertificate,
  UnsignedMessage,
  Vote,
} from "./message.ts";
import type { CommitBasis } from "./ownVote.ts";
import type { VoteKeeper } from "./voteKeeper.ts";

/** The fixed facts of one height. */
export type InstanceConfig = {
  readonly height: Height;
  readonly self: VoterId;
  /** False for an observer: it votes and builds nothing, but follows and decides. */
  readonly isVoter: boolean;
  /** In roster order, the order of certificates. */
  readonly voters: readonly VoterId[];
  /** As `candidates` orders them. */
  readonly candidates: readonly VoterId[];
};

/**
 * What the service tells the instance. Preconditions: signatures of messages and of certificates inside them are
 * verified (`verifyMessage`), and a body hashes to its block hash.
 */
export type InstanceInput =
  /** Round 0 begins: the parent is committed, the interval has ended and the grace has passed. */
  | {
      readonly kind: "begin";
      /** What this gateway held at the cut-off, by default nothing: every ROUND_CHANGE from now on names it. */
      readonly named?: ItemList;
    }
  /** A verified message: a peer's, or the instance's own once it is durable and signed. */
  | { readonly kind: "message"; readonly message: Message }
  /** The answer to `build`. */
  | {
      readonly kind: "built";
      readonly round: Round;
      readonly blockHash: Hash;
      readonly body: Uint8Array;
      /** What this gateway holds and its block lacks, by default nothing. */
      readonly holding?: Holding;
    }
  /** The answer to `judge`; after "early" the service answers again when its clock has come that far. */
  | {
      readonly kind: "judged";
      readonly round: Round;
      readonly blockHash: Hash;
      readonly verdict: "valid" | "invalid" | "early";
      readonly reason?: string;
      /** What this gateway holds and a right block lacks, by default nothing: its COMMIT says so. */
      readonly holding?: Holding;
    }
  /** In place of an answer to `build`, to be repeated: the block would owe items that are not at hand. */
  | { readonly kind: "lacking"; readonly round: Round; readonly items: readonly Item[] }
  /** The timer of a round ran out. */
  | { readonly kind: "timeout"; readonly round: Round }
  /** The answer to `need-body`. */
  | { readonly kind: "body"; readonly blockHash: Hash; readonly body: Uint8Array };

/** Why a round was left: silence, a wrong block, or proof that others are further on. */
export type RecallReason = "timeout" | "invalid-proposal" | "jump";

/** Codes a message is refused with; none of them blames a voter that is merely late. */
export type MessageRefusal =
  | "WRONG_HEIGHT"
  | "UNKNOWN_VOTER"
  | "NOT_IN_OFFICE"
  | "UNJUSTIFIED_PROPOSAL"
  | "WRONG_CANDIDATE"
  | "BAD_ROUND_CHANGE"
  | "OUTDATED_VOTE";

/** What the service performs, in order. */
export type InstanceOutput =
  /** Build a block as DSO of this round. The justification is null in round 0, else the mandate it carries; a later one counts. */
  | { readonly kind: "build"; readonly round: Round; readonly justification: Justification | null }
  /** Recompute a block. A block that is not fresh was prepared in an earlier round and is proposed again unchanged. */
  | {
      readonly kind: "judge";
      readonly round: Round;
      readonly blockHash: Hash;
      readonly body: Uint8Array;
      readonly proposer: VoterId;
      readonly fresh: boolean;
      readonly justification: Justification | null;
    }
  /** Sign, make durable, only then publish, and feed back. `rest` goes into the same write: what a COMMIT rests on. */
  | {
      readonly kind: "sign-and-send";
      readonly message: UnsignedMessage;
      readonly rest: CommitBasis | null;
    }
  /** Start the timer of this round, in place of any other. */
  | { readonly kind: "set-timer"; readonly round: Round }
  | { readonly kind: "cancel-timer" }
  /** The block of this height is final. Emitted once. */
  | {
      readonly kind: "decide";
      readonly blockHash: Hash;
      readonly body: Uint8Array;
      readonly certificate: CommitCertificate;
    }
  /** This gateway left a round; the candidate is DSO of the new one. */
  | {
      readonly kind: "recall";
      readonly fromRound: Round;
      readonly toRound: Round;
      readonly reason: RecallReason;
      readonly candidate: VoterId;
      readonly detail?: string;
    }
  /** One voter signed two different votes for one place: evidence. */
  | { readonly kind: "equivocation"; readonly first: Vote; readonly second: Vote }
  /** Fetch the body of a block that a quorum stands behind; answer with `body`. */
  | { readonly kind: "need-body"; readonly blockHash: Hash }
  /** A message was not taken; for counting. */
  | { readonly kind: "refused"; readonly code: MessageRefusal; readonly from: VoterId };

/** The proposal that this gateway works on in its round. */
export type CurrentProposal = {
  readonly blockHash: Hash;
  readonly proposer: VoterId;
  readonly isFresh: boolean;
  readonly justification: Justification | null;
  readonly judgement: "unasked" | "asked" | "early" | "valid" | "invalid";
  /** What this gateway holds and the block lacks. */
  readonly holding: Holding;
};

/** What is remembered of one round and forgotten with it. */
export type RoundState = {
  /** What this gateway has sent in this round (S1). */
  readonly sentInRound: ReadonlySet<"proposal" | "prepare" | "commit">;
  readonly isTimerSet: boolean;
  readonly proposal: CurrentProposal | null;
  /** The office taken up in this round and not yet exercised. */
  readonly building: { readonly justification: Justification | null } | null;
  /** What this gateway built and proposed itself in this round: needs no judgement. */
  readonly ownBlock: { readonly blockHash: Hash; readonly holding: Holding } | null;
  /** Items that the own proposal of this round would owe and that are not at hand. */
  readonly lacked: readonly Item[];
};

/** A round that has just been entered. */
export const NEW_ROUND: RoundState = {
  sentInRound: new Set(),
  isTimerSet: false,
  proposal: null,
  building: null,
  ownBlock: null,
  lacked: [],
};

/** One height of agreement as one gateway sees it. Never changed: every input makes a new one. */
export type InstanceState = RoundState & {
  readonly config: InstanceConfig;
  readonly hasBegun: boolean;
  /** What this gateway held at the cut-off; nothing before it. */
  readonly named: ItemList;
  /** Never goes back (S2): every vote is sent in this round, and entering it sent its ROUND_CHANGE. */
  readonly round: Round;
  readonly prepared: PreparedCertificate | null;
  readonly keeper: VoteKeeper;
  /** Highest ROUND_CHANGE round seen of each voter, in messages and in justifications. */
  readonly roundOfVoter: ReadonlyMap<VoterId, Round>;
  /** Bodies by block hash, bounded, oldest first. */
  readonly bodies: ReadonlyMap<Hash, Uint8Array>;
  /** Asked for in this round, or since a quorum has committed it, and not yet there. */
  readonly bodiesWanted: ReadonlySet<Hash>;
  /** A quorum of COMMITs is held; the block is decided once its body is there too. */
  readonly certificate: CommitCertificate | null;
  readonly isDecided: boolean;
};
