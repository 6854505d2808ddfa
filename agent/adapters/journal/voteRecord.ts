/** The records of a vote journal file: one canonical dag-cbor array each, its kind first. */

import {
  bytes,
  type Cbor,
  cborHash,
  count,
  type Decoder,
  decode,
  encode,
  hash,
  list,
  nullable,
  oneOf,
  shape,
  text,
  tuple,
} from "../../core/codec.ts";
import type { VoterId } from "../../core/consensus/candidates.ts";
import type { Electors } from "../../core/consensus/certificateCodec.ts";
import type { HeldWithCommit, OwnVote } from "../../core/consensus/ownVote.ts";
import {
  decodeOwnVote,
  encodeOwnVote,
  heldItemsDecoder,
  MAX_OWN_VOTE_BYTES,
} from "../../core/consensus/ownVoteCodec.ts";
import { MAX_VOTERS } from "../../core/consensus/quorum.ts";
import { type Height, height } from "../../core/units.ts";
import { accept, reject, type Verdict } from "../../core/verdict.ts";
import type { Abstention, EnteredEpoch } from "../../ports/voteJournal.ts";

/** What a vote journal adds up to beside its votes. */
export type VoteSummary = {
  readonly starts: number;
  readonly abstention: Abstention | null;
  /** Voters of the last height voted at, in roster order. */
  readonly electors: readonly VoterId[];
  /** The block above which this gateway votes again after it may have forgotten votes. */
  readonly returnedAt: Height | null;
  /** The epoch entered last. */
  readonly epoch: EnteredEpoch | null;
  /** True when nothing of that epoch is signed any more. */
  readonly isRenounced: boolean;
};

/**
 * One step of a vote journal: a start counted, a vote signed, voting given up, an epoch renounced or entered. A
 * rewritten file begins with a `summary` of all before it, followed by each vote that was `kept` and by the items that
 * are still `held`. Votes carry their voters as places in a list; a vote names that list when it is another one than
 * before.
 */
export type VoteRecord =
  | { readonly kind: "start"; readonly starts: number }
  | { readonly kind: "vote"; readonly vote: OwnVote; readonly electors: readonly VoterId[] }
  | { readonly kind: "kept"; readonly vote: OwnVote }
  | { readonly kind: "held"; readonly held: HeldWithCommit }
  | { readonly kind: "abstain"; readonly abstention: Abstention }
  | { readonly kind: "resume"; readonly height: Height; readonly starts: number }
  | { readonly kind: "renounce"; readonly starts: number }
  | { readonly kind: "epoch"; readonly epoch: EnteredEpoch; readonly forgiven: number | null }
  | ({ readonly kind: "summary" } & VoteSummary);

/** Longest reason that is recorded, in UTF-16 units. */
export const MAX_REASON_LENGTH = 200;

const KINDS = ["start", "vote", "kept", "abstain", "resume", "summary", "held", "renounce", "epoch"] as const;
const CODES = ["AMNESIA", "KEY_CLONED"] as const;
/** Kind, length and voters of a vote in its record, at most. */
const VOTE_FIELDS_BYTES = 32_768;
/** Longest name of a voter. */
const MAX_VOTER_TEXT = 90;

/** @param record one step @param electors of the votes before it @returns its bytes @throws ConsensusError as `encodeOwnVote` */
export function encodeVoteRecord(record: VoteRecord, electors: readonly VoterId[]): Uint8Array {
  switch (record.kind) {
    case "start":
      return encode([record.kind, record.starts]);
    case "vote":
      return encode([
        record.kind,
        encodeOwnVote(record.vote, named(record.electors)),
        isSame(record.electors, electors) ? null : [...record.electors],
      ]);
    case "kept":
      return encode([record.kind, encodeOwnVote(record.vote, named(electors))]);
    case "held":
      return encode([record.kind, record.held.height, [...record.held.items]]);
    case "abstain":
      return encode([record.kind, abstentionFields(record.abstention)]);
    case "resume":
      return encode([record.kind, record.height, record.starts]);
    case "renounce":
      return encode([record.kind, record.starts]);
    case "epoch":
      return encode([record.kind, epochFields(record.epoch), record.forgiven]);
    case "summary":
      return encode([record.kind, ...summaryFields(record)]);
    default:
      return record satisfies never;
  }
}

/** @param payload bytes of a record @param electors of the votes before it @returns the step, or why it is none */
export function decodeVoteRecord(payload: Uint8Array, electors: readonly VoterId[]): Verdict<VoteRecord> {
  const opened = decode(payload, voteRecord, MAX_OWN_VOTE_BYTES + VOTE_FIELDS_BYTES);
  if (opened.kind !== "accept") return opened;
  const record = opened.value;
  if (!("encoded" in record)) return accept(record);
  const own = record.electors ?? electors;
  const vote = decodeOwnVote(record.encoded, () => named(own));
  if (vote.kind !== "accept") return reject(vote.code);
  const { kind } = record;
  return accept(kind === "kept" ? { kind, vote: vote.value } : { kind, vote: vote.value, electors: own });
}

type OpenedRecord =
  | Exclude<VoteRecord, { kind: "vote" | "kept" }>
  | {
      readonly kind: "vote" | "kept";
      readonly encoded: Uint8Array;
      readonly electors: readonly VoterId[] | null;
    };

const electorsDecoder = list(text(MAX_VOTER_TEXT), MAX_VOTERS);

const abstention: Decoder<Abstention> = (value) => {
  const [code, reason] = tuple(oneOf(CODES), text(MAX_REASON_LENGTH))(value);
  return { code, reason };
};

const enteredEpoch: Decoder<EnteredEpoch> = (value) => {
  const [number, chainId, base] = tuple(count(), hash, count())(value);
  return { number, chainId, base: height(base) };
};

const summaryDecoder: Decoder<VoteSummary> = (value) => {
  const [starts, why, electors, at, epoch, isRenounced] = tuple(
    count(),
    nullable(abstention),
    electorsDecoder,
    nullable(count()),
    nullable(enteredEpoch),
    oneOf([true, false]),
  )(value);
  const returnedAt = at === null ? null : height(at);
  return { starts, abstention: why, electors, returnedAt, epoch, isRenounced };
};

const voteRecord: Decoder<OpenedRecord> = (value) => {
  if (!Array.isArray(value)) throw shape("array", value);
  const kind = oneOf(KINDS)(value[0]);
  const fields: readonly unknown[] = value.slice(1);
  switch (kind) {
    case "start":
      return { kind, starts: tuple(count())(fields)[0] };
    case "vote": {
      const [encoded, electors] = tuple(bytes(0, MAX_OWN_VOTE_BYTES), nullable(electorsDecoder))(fields);
      return { kind, encoded, electors };
    }
    case "kept":
      return { kind, encoded: tuple(bytes(0, MAX_OWN_VOTE_BYTES))(fields)[0], electors: null };
    case "held": {
      const [at, items] = tuple(count(), heldItemsDecoder)(fields);
      return { kind, held: { height: height(at), items } };
    }
    case "abstain":
      return { kind, abstention: tuple(abstention)(fields)[0] };
    case "resume": {
      const [at, starts] = tuple(count(), count())(fields);
      return { kind, height: height(at), starts };
    }
    case "renounce":
      return { kind, starts: tuple(count())(fields)[0] };
    case "epoch": {
      const [epoch, forgiven] = tuple(enteredEpoch, nullable(count()))(fields);
      return { kind, epoch, forgiven };
    }
    case "summary":
      return { kind, ...summaryDecoder(fields) };
    default:
      return kind satisfies never;
  }
};

function named(electors: readonly VoterId[]): Electors {
  return electors.map((id) => ({ id }));
}

function isSame(left: readonly VoterId[], right: readonly VoterId[]): boolean {
  return left.length === right.length && left.every((voter, place) => voter === right[place]);
}

function abstentionFields({ code, reason }: Abstention): readonly string[] {
  return [code, reason.slice(0, MAX_REASON_LENGTH)];
}

function epochFields({ number, chainId, base }: EnteredEpoch): Cbor {
  return [number, cborHash(chainId), base];
}

function summaryFields(summary: VoteSummary): readonly Cbor[] {
  const { starts, abstention: why, electors, returnedAt, epoch, isRenounced } = summary;
  return [
    starts,
    why === null ? null : abstentionFields(why),
    [...electors],
    returnedAt,
    epoch === null ? null : epochFields(epoch),
    isRenounced,
  ];
}
