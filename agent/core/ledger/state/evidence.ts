/**
 * Evidence: two statements under one key that contradict each other – two votes of one kind for one height and round,
 * or two readings of one interval. It proves itself; whoever reports it is not believed.
 *
 * @source docs/protocol.md, "Evidence"
 */
import { bytes, type Cbor, cborHash, count, hash, nullable, oneOf, shape, tuple } from "../../codec.ts";
import { roundDecoder } from "../../consensus/certificateCodec.ts";
import { cborItemList, itemListDecoder } from "../../consensus/item.ts";
import { digestOf, senderOf, type Vote } from "../../consensus/message.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import { cborReading, readingId, type SignedReading, signedReading } from "../../metering/reading.ts";
import { SIGNATURE_BYTES } from "../../signature.ts";
import { height } from "../../units.ts";

/** Two contradicting statements of one member, in the order of their digests. */
export type Evidence =
  | { readonly kind: "votes"; readonly first: Vote; readonly second: Vote }
  | { readonly kind: "readings"; readonly first: SignedReading; readonly second: SignedReading };

/** What the ledger remembers of a member's contradictions: the newest, so that none counts twice. */
export type Offence = {
  /** Height of the votes; 0 for none. */
  readonly votes: number;
  /** Interval of the readings; 0 for none. */
  readonly readings: number;
  /** Height of the block with the newest evidence. */
  readonly provenAt: number;
};

/** Nothing is proven. */
export const NO_OFFENCE: Offence = { votes: 0, readings: 0, provenAt: 0 };

const KINDS = ["votes", "readings"] as const;
const VOTE_KINDS = ["proposal", "prepare", "commit", "round-change"] as const;

/** @param first a vote @param second of the same sender, kind, height and round @returns the evidence, whichever came first */
export function evidenceOfVotes(first: Vote, second: Vote): Evidence {
  const [low, high] = digestOf(first) < digestOf(second) ? [first, second] : [second, first];
  return { kind: "votes", first: signedPart(low), second: signedPart(high) };
}

/** @param first a reading @param second of the same member and interval @returns the evidence, whichever came first */
export function evidenceOfReadings(first: SignedReading, second: SignedReading): Evidence {
  const isOrdered = readingId(first.reading) < readingId(second.reading);
  return { kind: "readings", first: isOrdered ? first : second, second: isOrdered ? second : first };
}

/** @param evidence any @returns whom it is against */
export function offenderOf({ kind, first }: Evidence): MemberId {
  return kind === "votes" ? (senderOf(first as Vote) as MemberId) : (first as SignedReading).reading.member;
}

/** @param evidence any @returns height of the votes, or interval of the readings: what it is evidence about */
export function offencePlace(evidence: Evidence): number {
  return evidence.kind === "votes" ? evidence.first.height : evidence.first.reading.interval;
}

/** @param evidence any @returns its place in a transaction */
export function cborEvidence(evidence: Evidence): Cbor {
  const kind = KINDS.indexOf(evidence.kind);
  return evidence.kind === "votes"
    ? [kind, cborVote(evidence.first), cborVote(evidence.second)]
    : [kind, cborReading(evidence.first), cborReading(evidence.second)];
}

/** Decoder of evidence. */
export function evidenceDecoder(value: unknown): Evidence {
  if (!Array.isArray(value)) throw shape("evidence", value);
  const kind = KINDS[oneOf([0, 1])(value[0])];
  if (kind === "votes") {
    const [first, second] = tuple(voteDecoder, voteDecoder)(value.slice(1));
    return { kind, first, second };
  }
  const [first, second] = tuple(signedReading, signedReading)(value.slice(1));
  return { kind: "readings", first, second };
}

/** What a vote's signature covers, without what travels along. */
function signedPart(vote: Vote): Vote {
  const { height: at, round, signature } = vote;
  const place = { height: at, round, signature };
  switch (vote.kind) {
    case "proposal":
      return { kind: vote.kind, ...place, blockHash: vote.blockHash, proposer: vote.proposer };
    case "prepare":
      return { kind: vote.kind, ...place, blockHash: vote.blockHash, voter: vote.voter };
    case "commit": {
      const { blockHash, held, voter } = vote;
      return { kind: vote.kind, ...place, blockHash, held, voter };
    }
    case "round-change": {
      const { candidate, preparedRound, preparedHash, named, voter } = vote;
      return { kind: vote.kind, ...place, candidate, preparedRound, preparedHash, named, voter };
    }
    default:
      return vote satisfies never;
  }
}

function cborVote(vote: Vote): Cbor {
  const sender = memberIdBytes(senderOf(vote) as MemberId);
  return [VOTE_KINDS.indexOf(vote.kind), vote.height, vote.round, sender, vote.signature, cborSaid(vote)];
}

function cborSaid(vote: Vote): Cbor {
  switch (vote.kind) {
    case "proposal":
    case "prepare":
      return [cborHash(vote.blockHash)];
    case "commit":
      return [cborHash(vote.blockHash), cborItemList(vote.held)];
    case "round-change": {
      const { candidate, preparedRound, preparedHash, named } = vote;
      const prepared = preparedHash === null ? null : cborHash(preparedHash);
      return [memberIdBytes(candidate as MemberId), preparedRound, prepared, cborItemList(named)];
    }
    default:
      return vote satisfies never;
  }
}

function voteDecoder(value: unknown): Vote {
  const [kindIndex, at, round, sender, signature, said] = tuple(
    oneOf([0, 1, 2, 3]),
    count(),
    roundDecoder,
    memberDecoder,
    bytes(SIGNATURE_BYTES),
    (rest: unknown) => rest,
  )(value);
  const place = { height: height(at), round, signature };
  const kind = VOTE_KINDS[kindIndex];
  switch (kind) {
    case "proposal":
      return { kind, ...place, blockHash: tuple(hash)(said)[0], proposer: sender };
    case "prepare":
      return { kind, ...place, blockHash: tuple(hash)(said)[0], voter: sender };
    case "commit": {
      const [blockHash, held] = tuple(hash, itemListDecoder)(said);
      return { kind, ...place, blockHash, held, voter: sender };
    }
    case "round-change": {
      const [candidate, preparedRound, preparedHash, named] = tuple(
        memberDecoder,
        nullable(roundDecoder),
        nullable(hash),
        itemListDecoder,
      )(said);
      return { kind, ...place, candidate, preparedRound, preparedHash, named, voter: sender };
    }
    default:
      throw shape("vote", kindIndex);
  }
}
