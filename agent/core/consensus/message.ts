/**
 * What voters say to each other about one height, the certificates that their votes make,
 * and which bytes of each message its signature covers.
 *
 * A proposal's signature covers the block hash; body and justification travel along and must be bound otherwise:
 * the body by hashing to `blockHash`, the justification by the signatures inside it.
 *
 * @source EEA QBFT v1 (PROPOSAL, PREPARE, COMMIT, ROUND_CHANGE); docs/protocol.md, "Messages"
 */
import { joinBytes } from "../bytes.ts";
import { cborHash, encode } from "../codec.ts";
import { type Hash, hashBytes, hashOf } from "../hash.ts";
import { type SignDomain, signBytes } from "../signature.ts";
import type { Height, Round } from "../units.ts";
import type { VoterId } from "./candidates.ts";
import { type ItemList, itemListHash } from "./item.ts";

/** The signed part of a {@link Proposal}. */
export type ProposalHeader = {
  readonly kind: "proposal";
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  readonly proposer: VoterId;
  readonly signature: Uint8Array;
};

/** "This is the block of this height": from the DSO of the round. */
export type Proposal = ProposalHeader & {
  /** The block's bytes, opaque here; null when a block proposed again travels without its body. */
  readonly body: Uint8Array | null;
  /** Null in round 0, and only there. */
  readonly justification: Justification | null;
};

/** "I recomputed this block and it is right." */
export type Prepare = {
  readonly kind: "prepare";
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  readonly voter: VoterId;
  readonly signature: Uint8Array;
};

/** "A quorum prepared this block in this round, and I hold the proof durably." */
export type Commit = {
  readonly kind: "commit";
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  /** What the sender holds and the block lacks, and what the next block could take. */
  readonly held: ItemList;
  readonly voter: VoterId;
  readonly signature: Uint8Array;
};

/** The signed part of a {@link RoundChange}. */
export type RoundChangeHeader = {
  readonly kind: "round-change";
  readonly height: Height;
  /** The round the sender enters, ≥ 1. */
  readonly round: Round;
  /** Who is DSO in that round. */
  readonly candidate: VoterId;
  /** The highest round the sender prepared a block in; null when in none. */
  readonly preparedRound: Round | null;
  readonly preparedHash: Hash | null;
  /** What the sender held at the cut-off of the height. */
  readonly named: ItemList;
  readonly voter: VoterId;
  readonly signature: Uint8Array;
};

/** "I recall the DSO of the round before and mandate this one." */
export type RoundChange = RoundChangeHeader & {
  /** Proof of what the header says was prepared. */
  readonly prepared: PreparedCertificate | null;
};

/** Every message of the agreement. */
export type Message = Proposal | Prepare | Commit | RoundChange;
/** Every vote as evidence and counting need it: the signed part alone. */
export type Vote = ProposalHeader | Prepare | Commit | RoundChangeHeader;
/** The same before it is signed. */
export type Unsigned<M> = M extends Message | Vote ? Omit<M, "signature"> : never;
/** A message that the core wants signed, made durable and sent. */
export type UnsignedMessage = Unsigned<Message>;

/** One voter's share in a {@link PreparedCertificate}. */
export type PrepareSigner = { readonly voter: VoterId; readonly signature: Uint8Array };

/** PREPAREs of one hash and one round from a quorum. */
export type PreparedCertificate = {
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  /** In the order of the height's voter list. */
  readonly signers: readonly PrepareSigner[];
};

/** One voter's share in a {@link CommitCertificate}. */
export type CommitSigner = PrepareSigner & { readonly held: ItemList };

/** COMMITs of one hash and one round from a quorum: the block is final. */
export type CommitCertificate = {
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  /** In the order of the height's voter list. */
  readonly signers: readonly CommitSigner[];
};

/** One voter's share in a {@link RoundChangeCertificate}. */
export type RoundChangeSigner = Pick<
  RoundChangeHeader,
  "voter" | "preparedRound" | "preparedHash" | "named" | "signature"
>;

/** ROUND_CHANGEs for one round from a quorum: the candidate's mandate. */
export type RoundChangeCertificate = {
  readonly height: Height;
  readonly round: Round;
  readonly candidate: VoterId;
  /** In the order of the height's voter list. */
  readonly signers: readonly RoundChangeSigner[];
};

/** Why a DSO may propose in a round above 0: its mandate, and the one certificate that the mandate proves highest. */
export type Justification = {
  readonly roundChanges: RoundChangeCertificate;
  /** Null exactly when no ROUND_CHANGE of the mandate names a prepared block. */
  readonly prepared: PreparedCertificate | null;
};

/** @param vote any message or its signed part @returns who signs it */
export function senderOf(vote: Vote | Unsigned<Vote>): VoterId {
  return vote.kind === "proposal" ? vote.proposer : vote.voter;
}

/**
 * Digests what a signature covers beyond type, chain, epoch, height and round.
 *
 * @param vote any message, signed or not
 * @returns the block hash, for a COMMIT bound to what is held, for a ROUND_CHANGE the digest of its fields
 */
export function digestOf(vote: Vote | Unsigned<Vote>): Hash {
  switch (vote.kind) {
    case "proposal":
    case "prepare":
      return vote.blockHash;
    case "commit":
      return hashOf(joinBytes(hashBytes(vote.blockHash), hashBytes(itemListHash(vote.held))));
    case "round-change": {
      const preparedHash = vote.preparedHash === null ? null : cborHash(vote.preparedHash);
      const namedHash = cborHash(itemListHash(vote.named));
      return hashOf(encode([vote.candidate, vote.preparedRound, preparedHash, namedHash]));
    }
    default:
      return vote satisfies never;
  }
}

/** @param vote any message @param chainId of the microgrid @param epoch of its genesis @returns where its signature holds */
export function signDomainOf(vote: Vote | Unsigned<Vote>, chainId: Hash, epoch: number): SignDomain {
  return { type: vote.kind, chainId, epoch, height: vote.height, round: vote.round };
}

/** @param vote any message @param chainId of the microgrid @param epoch of its genesis @returns the bytes its sender signs */
export function signBytesOf(vote: Vote | Unsigned<Vote>, chainId: Hash, epoch: number): Uint8Array {
  return signBytes(signDomainOf(vote, chainId, epoch), digestOf(vote));
}
