/** What the stopped gateways left on disk: every block of each ledger, and every reading each outbox was given. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeJournal } from "../../agent/adapters/journal/journalFormat.ts";
import { decodeOutboxRecord } from "../../agent/adapters/journal/outboxRecord.ts";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { decode } from "../../agent/core/codec.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { readBlock } from "../../agent/core/ledger/blocks/block.ts";
import {
  MAX_READING_BYTES,
  type Reading,
  readingId,
  type SignedReading,
  signedReading,
} from "../../agent/core/metering/reading.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";

/** A reading, wherever it was found. */
export type FoundReading = {
  readonly member: string;
  readonly kind: Reading["content"]["kind"];
  /** First and last interval; the same but for a spanning reading. */
  readonly from: number;
  readonly interval: number;
  readonly sequence: number;
  readonly id: Hash;
};

/** One block of one gateway. */
export type FoundBlock = {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly parentHash: Hash;
  readonly from: number;
  readonly to: number;
  /** In the order of the block: of its own intervals, and late ones. */
  readonly readings: readonly FoundReading[];
  readonly late: readonly FoundReading[];
};

/** What an outbox was given since its file was written; a rewritten file knows only what it kept. */
export type FoundOutbox = {
  readonly boots: number;
  readonly nextSequence: number;
  readonly isRewritten: boolean;
  readonly readings: readonly FoundReading[];
  /** Sequences that it was told are in a block. */
  readonly released: ReadonlySet<number>;
};

/** One gateway's. */
export type Evidence = {
  readonly name: string;
  /** By height from 1. */
  readonly chain: readonly FoundBlock[];
  readonly outbox: FoundOutbox;
};

/** @param name of a gateway that is stopped @param directory its data @returns what it left @throws Error, StoreError, when it cannot be read */
export async function readEvidence(name: string, directory: string): Promise<Evidence> {
  return {
    name,
    chain: await readChain(join(directory, "ledger")),
    outbox: readOutbox(await readFile(join(directory, "outbox.journal"))),
  };
}

async function readChain(directory: string): Promise<readonly FoundBlock[]> {
  const store = await openStore(directory);
  try {
    const head = await store.head();
    const chain: FoundBlock[] = [];
    for (let at = 1; at <= (head?.height ?? 0); at += 1) {
      const stored = await store.block(heightOf(at));
      if (stored === null) throw new Error(`${directory}: there is no block ${at} below the head`);
      chain.push(foundBlock(stored.height, stored.blockHash, stored.block));
    }
    return chain;
  } finally {
    await store.close();
  }
}

function foundBlock(height: Height, blockHash: Hash, encoded: Uint8Array): FoundBlock {
  const read = readBlock(encoded);
  if (read.kind !== "accept") throw new Error(`block ${height}: ${read.code}`);
  const { header, body } = read.value;
  const readings = body.intervals.flatMap((settled) => settled.readings.map(foundReading));
  const late = body.late.map(({ signed }) => foundReading(signed));
  const { parentHash, from, to } = header;
  return { height, blockHash, parentHash, from, to, readings, late };
}

function foundReading({ reading }: SignedReading): FoundReading {
  const { member, interval, sequence, content } = reading;
  const from = content.kind === "spanning" ? content.from : interval;
  return { member, kind: content.kind, from, interval, sequence, id: readingId(reading) };
}

function readOutbox(file: Buffer): FoundOutbox {
  const { records, damage } = decodeJournal(file, "outbox");
  if (damage !== null) throw new Error(`outbox: damaged at byte ${damage.offset} (${damage.reason})`);
  const readings: FoundReading[] = [];
  const released = new Set<number>();
  let boots = 0;
  let nextSequence = 1;
  let isRewritten = false;
  for (const { payload } of records) {
    const verdict = decodeOutboxRecord(payload);
    if (verdict.kind !== "accept") throw new Error(`outbox: ${verdict.code}`);
    const record = verdict.value;
    if (record.kind === "boot") boots = record.boot;
    else if (record.kind === "release") released.add(record.release.sequence);
    else if (record.kind === "summary") {
      ({ boot: boots, nextSequence } = record);
      isRewritten = true;
    } else if (record.kind === "skip") ({ nextSequence } = record);
    else {
      readings.push(decodedReading(record.entry.bytes));
      nextSequence = Math.max(nextSequence, record.entry.sequence + 1);
    }
  }
  return { boots, nextSequence, isRewritten, readings, released };
}

function decodedReading(bytes: Uint8Array): FoundReading {
  const decoded = decode(bytes, signedReading, MAX_READING_BYTES);
  if (decoded.kind !== "accept") throw new Error(`outbox: a reading that cannot be read: ${decoded.code}`);
  return foundReading(decoded.value);
}
