/** The records of a vote journal file: one canonical dag-cbor array each, its kind first. */

import {
  bytes,
  count,
  type Decoder,
  decode,
  encode,
  nullable,
  oneOf,
  shape,
  text,
  tuple,
} from "../../core/codec.ts";
import type { ElectorsAt } from "../../core/consensus/messageCodec.ts";
import type { OwnVote } from "../../core/consensus/ownVote.ts";
import { decodeOwnVote, encodeOwnVote, MAX_OWN_VOTE_BYTES } from "../../core/consensus/ownVoteCodec.ts";
import { accept, reject, type Verdict } from "../../core/verdict.ts";
import type { Abstention } from "../../ports/voteJournal.ts";

/**
 * One step of a vote journal: a start counted, a vote signed, voting given up. A rewritten file begins with a
 * `summary` of all before it, followed by each vote that was `kept`.
 */
export type VoteRecord =
  | { readonly kind: "start"; readonly starts: number }
  | { readonly kind: "vote" | "kept"; readonly vote: OwnVote }
  | { readonly kind: "abstain"; readonly abstention: Abstention }
  | { readonly kind: "summary"; readonly starts: number; readonly abstention: Abstention | null };

/** Longest reason that is recorded, in UTF-16 units. */
export const MAX_REASON_LENGTH = 200;

const KINDS = ["start", "vote", "kept", "abstain", "summary"] as const;
const CODES = ["AMNESIA", "KEY_CLONED"] as const;
/** Kind and length of a vote in its record, at most. */
const VOTE_FIELDS_BYTES = 16;

/** @param record one step @param electorsAt names the voters of its height @returns its bytes @throws ConsensusError as `encodeOwnVote` */
export function encodeVoteRecord(record: VoteRecord, electorsAt: ElectorsAt): Uint8Array {
  switch (record.kind) {
    case "start":
      return encode([record.kind, record.starts]);
    case "vote":
    case "kept": {
      const { vote } = record;
      return encode([record.kind, encodeOwnVote(vote, electorsAt(vote.message.height) ?? [])]);
    }
    case "abstain":
      return encode([record.kind, abstentionFields(record.abstention)]);
    case "summary": {
      const { starts, abstention } = record;
      return encode([record.kind, starts, abstention === null ? null : abstentionFields(abstention)]);
    }
    default:
      return record satisfies never;
  }
}

/** @param payload bytes of a record @param electorsAt names the voters of a height @returns the step, or why it is none */
export function decodeVoteRecord(payload: Uint8Array, electorsAt: ElectorsAt): Verdict<VoteRecord> {
  const opened = decode(payload, voteRecord, MAX_OWN_VOTE_BYTES + VOTE_FIELDS_BYTES);
  if (opened.kind !== "accept") return opened;
  const record = opened.value;
  if (!("encoded" in record)) return accept(record);
  const vote = decodeOwnVote(record.encoded, electorsAt);
  return vote.kind === "accept" ? accept({ kind: record.kind, vote: vote.value }) : reject(vote.code);
}

type OpenedRecord =
  | Exclude<VoteRecord, { kind: "vote" | "kept" }>
  | { readonly kind: "vote" | "kept"; readonly encoded: Uint8Array };

const abstention: Decoder<Abstention> = (value) => {
  const [code, reason] = tuple(oneOf(CODES), text(MAX_REASON_LENGTH))(value);
  return { code, reason };
};

const voteRecord: Decoder<OpenedRecord> = (value) => {
  if (!Array.isArray(value)) throw shape("array", value);
  const kind = oneOf(KINDS)(value[0]);
  const fields: readonly unknown[] = value.slice(1);
  switch (kind) {
    case "start":
      return { kind, starts: tuple(count())(fields)[0] };
    case "vote":
    case "kept":
      return { kind, encoded: tuple(bytes(0, MAX_OWN_VOTE_BYTES))(fields)[0] };
    case "abstain":
      return { kind, abstention: tuple(abstention)(fields)[0] };
    case "summary": {
      const [starts, why] = tuple(count(), nullable(abstention))(fields);
      return { kind, starts, abstention: why };
    }
    default:
      return kind satisfies never;
  }
};

function abstentionFields({ code, reason }: Abstention): readonly string[] {
  return [code, reason.slice(0, MAX_REASON_LENGTH)];
}
