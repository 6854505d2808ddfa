/**
 * An outbox whose entries are signed in the epoch in progress. What waits for a block when an epoch ends was signed in
 * that one, and no later block may take it. The same statement signed again is no second one: its identity is the hash
 * of what it says, its sequence stays, and what lies on the disk stays as it was.
 *
 * @source docs/adr/0026
 */
import { type Decoder, decode } from "../../core/codec.ts";
import {
  encodeTransaction,
  MAX_TRANSACTION_BYTES,
  signedTransaction,
  transactionSignBytes,
} from "../../core/ledger/state/transaction.ts";
import type { Roster } from "../../core/membership/roster.ts";
import {
  encodeReading,
  MAX_READING_BYTES,
  readingSignBytes,
  type SignedReading,
  signedReading,
} from "../../core/metering/reading.ts";
import type { Verify } from "../../core/signature.ts";
import type { Outbox, OutboxEntry } from "../../ports/outbox.ts";
import type { Signer } from "../../ports/signer.ts";

/** What signs and judges. */
export type EpochSigner = {
  readonly signer: Signer;
  readonly verify: Verify;
  /** Of the epoch in progress. */
  readonly roster: Pick<Roster, "chainId" | "epoch">;
};

/** What judges. */
export type EpochVerifier = Pick<EpochSigner, "verify" | "roster"> & { readonly publicKey: Uint8Array };

/** One kind of signed statement: how it is read, what is signed, how it is written. */
type Statement<Signed extends { readonly signature: Uint8Array }> = {
  readonly decoder: Decoder<Signed>;
  readonly maxBytes: number;
  readonly signBytes: (signed: Signed, roster: EpochSigner["roster"]) => Uint8Array;
  readonly encode: (signed: Signed) => Uint8Array;
};

const READING: Statement<SignedReading> = {
  decoder: signedReading,
  maxBytes: MAX_READING_BYTES,
  signBytes: ({ reading }, { chainId, epoch }) => readingSignBytes(reading, chainId, epoch),
  encode: encodeReading,
};
const TRANSACTION: Statement<ReturnType<typeof signedTransaction>> = {
  decoder: signedTransaction,
  maxBytes: MAX_TRANSACTION_BYTES,
  signBytes: ({ transaction }, { chainId, epoch }) => transactionSignBytes(transaction, chainId, epoch),
  encode: encodeTransaction,
};

/** Own readings and own transactions. */
export type Outboxes = { readonly outbox: Outbox; readonly transactionOutbox: Outbox };

/** @param disk of a gateway @param modules key and epoch @returns the same, what waits in both outboxes signed in that epoch */
export async function outboxesInEpoch<Disk extends Outboxes>(
  disk: Disk,
  modules: EpochSigner,
): Promise<Disk> {
  const outbox = await readingsInEpoch(disk.outbox, modules);
  return { ...disk, outbox, transactionOutbox: await transactionsInEpoch(disk.transactionOutbox, modules) };
}

/** @param outbox of own readings @param modules key and epoch @returns the same, its entries signed in that epoch */
export function readingsInEpoch(outbox: Outbox, modules: EpochSigner): Promise<Outbox> {
  return inEpoch(outbox, modules, READING);
}

/** @param outbox of own transactions @param modules key and epoch @returns the same, its entries signed in that epoch */
export function transactionsInEpoch(outbox: Outbox, modules: EpochSigner): Promise<Outbox> {
  return inEpoch(outbox, modules, TRANSACTION);
}

/** @param signed a waiting reading @param modules key and epoch @returns what is to be signed for it to hold in that epoch; null when it does */
export function readingToSign(signed: SignedReading, modules: EpochVerifier): Uint8Array | null {
  return toSign(signed, modules, READING);
}

function toSign<Signed extends { readonly signature: Uint8Array }>(
  signed: Signed,
  { publicKey, verify, roster }: EpochVerifier,
  { signBytes }: Statement<Signed>,
): Uint8Array | null {
  const message = signBytes(signed, roster);
  return verify(publicKey, message, signed.signature) ? null : message;
}

async function inEpoch<Signed extends { readonly signature: Uint8Array }>(
  outbox: Outbox,
  modules: EpochSigner,
  statement: Statement<Signed>,
): Promise<Outbox> {
  // There is no epoch before the first.
  if (modules.roster.epoch === 0) return outbox;
  const signedAgain = new Map<number, OutboxEntry>();
  for (const entry of outbox.pending()) {
    const again = await entryInEpoch(entry, modules, statement);
    if (again !== entry) signedAgain.set(entry.sequence, again);
  }
  return {
    boot: outbox.boot,
    nextSequence: () => outbox.nextSequence(),
    append: (entry) => outbox.append(entry),
    skipTo: (sequence) => outbox.skipTo(sequence),
    release: async (release) => {
      await outbox.release(release);
      signedAgain.delete(release.sequence);
    },
    pending: () => outbox.pending().map((entry) => signedAgain.get(entry.sequence) ?? entry),
    lastRelease: () => outbox.lastRelease(),
    close: () => outbox.close(),
  };
}

async function entryInEpoch<Signed extends { readonly signature: Uint8Array }>(
  entry: OutboxEntry,
  { signer, verify, roster }: EpochSigner,
  statement: Statement<Signed>,
): Promise<OutboxEntry> {
  const read = decode(entry.bytes, statement.decoder, statement.maxBytes);
  if (read.kind !== "accept") return entry;
  const message = toSign(read.value, { publicKey: signer.publicKey, verify, roster }, statement);
  if (message === null) return entry;
  return { ...entry, bytes: statement.encode({ ...read.value, signature: await signer.sign(message) }) };
}
