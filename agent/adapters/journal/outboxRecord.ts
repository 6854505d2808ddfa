/** The records of an outbox file: one canonical dag-cbor array each, its kind first. */
import {
  bytes,
  cborHash,
  count,
  type Decoder,
  decode,
  encode,
  hash,
  nullable,
  oneOf,
  shape,
  tuple,
} from "../../core/codec.ts";
import { height } from "../../core/units.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { OutboxEntry, Release } from "../../ports/outbox.ts";

/**
 * One step of an outbox: a start counted, a reading added, a reading taken by a block. A rewritten file begins with
 * a `summary` of all before it, followed by each reading that was `kept`.
 */
export type OutboxRecord =
  | { readonly kind: "boot"; readonly boot: number }
  | { readonly kind: "entry"; readonly entry: OutboxEntry }
  | { readonly kind: "release"; readonly release: Release }
  | {
      readonly kind: "summary";
      readonly boot: number;
      readonly nextSequence: number;
      readonly lastRelease: Release | null;
    }
  | { readonly kind: "kept"; readonly entry: OutboxEntry }
  /** Numbers that may have been given before records were lost are not given again. */
  | { readonly kind: "skip"; readonly nextSequence: number };

const KINDS = ["boot", "entry", "release", "summary", "kept", "skip"] as const;

/** @param record one step @returns its bytes */
export function encodeOutboxRecord(record: OutboxRecord): Uint8Array {
  switch (record.kind) {
    case "boot":
      return encode([record.kind, record.boot]);
    case "entry":
    case "kept":
      return encode([record.kind, record.entry.sequence, record.entry.bytes]);
    case "release":
      return encode([record.kind, releaseFields(record.release)]);
    case "skip":
      return encode([record.kind, record.nextSequence]);
    case "summary": {
      const { boot, nextSequence, lastRelease } = record;
      return encode([
        record.kind,
        boot,
        nextSequence,
        lastRelease === null ? null : releaseFields(lastRelease),
      ]);
    }
    default:
      return record satisfies never;
  }
}

/** @param payload bytes of a record @returns the step, or why it is none */
export function decodeOutboxRecord(payload: Uint8Array): Verdict<OutboxRecord> {
  return decode(payload, outboxRecord, payload.length);
}

const release: Decoder<Release> = (value) => {
  const [sequence, atHeight, blockHash] = tuple(count(), count(), hash)(value);
  return { sequence, height: height(atHeight), blockHash };
};

const outboxRecord: Decoder<OutboxRecord> = (value) => {
  if (!Array.isArray(value)) throw shape("array", value);
  const kind = oneOf(KINDS)(value[0]);
  const fields: readonly unknown[] = value.slice(1);
  switch (kind) {
    case "boot": {
      const [boot] = tuple(count())(fields);
      return { kind, boot };
    }
    case "entry":
    case "kept": {
      const [sequence, reading] = tuple(count(), bytes(0, Number.MAX_SAFE_INTEGER))(fields);
      return { kind, entry: { sequence, bytes: reading } };
    }
    case "release":
      return { kind, release: tuple(release)(fields)[0] };
    case "skip":
      return { kind, nextSequence: tuple(count())(fields)[0] };
    case "summary": {
      const [boot, nextSequence, lastRelease] = tuple(count(), count(), nullable(release))(fields);
      return { kind, boot, nextSequence, lastRelease };
    }
    default:
      return kind satisfies never;
  }
};

function releaseFields({ sequence, height: atHeight, blockHash }: Release) {
  return [sequence, atHeight, cborHash(blockHash)];
}
