/** Which transactions a gateway has waiting, as it tells another: their sequences by signer. */
import { type Cbor, count, type Decoder, list, shape, tuple } from "../codec.ts";
import {
  GRID_ADMIN,
  MAX_WAITING_PER_SIGNER,
  type SignedTransaction,
  type TransactionSigner,
} from "../ledger/state/transaction.ts";
import type { Roster } from "../membership/roster.ts";

/** Sequences of the waiting transactions of each signer that has any. */
export type TransactionsHeld = ReadonlyMap<TransactionSigner, readonly number[]>;

/** How far the newest sequence that may wait is from the lowest. */
const MAX_STEP = MAX_WAITING_PER_SIGNER - 1;
const STEPS = Array.from({ length: MAX_STEP }, (_, index) => index + 1);
const MAX_LOWEST = Number.MAX_SAFE_INTEGER - MAX_STEP;

/** @param waiting transactions, of each signer in ascending order @returns what to tell of them */
export function transactionsHeld(waiting: readonly SignedTransaction[]): TransactionsHeld {
  const held = new Map<TransactionSigner, number[]>();
  for (const { transaction } of waiting) {
    const sequences = held.get(transaction.signer) ?? [];
    sequences.push(transaction.sequence);
    held.set(transaction.signer, sequences.slice(-MAX_WAITING_PER_SIGNER));
  }
  return held;
}

/** @param held sequences by signer @param roster of the microgrid @returns their place in a request: signer's place (the GridAdmin's behind the last), lowest sequence, bits of those after it */
export function cborTransactionsHeld(held: TransactionsHeld, roster: Roster): Cbor {
  const signers: readonly TransactionSigner[] = [...roster.members.map(({ id }) => id), GRID_ADMIN];
  return signers.flatMap((signer, place): readonly Cbor[] => {
    const [lowest, ...others] = held.get(signer) ?? [];
    if (lowest === undefined) return [];
    const beyond = others.map((sequence) => sequence - lowest).filter((step) => step <= MAX_STEP);
    return [[place, lowest, beyond.reduce((bits, step) => bits | (1 << (step - 1)), 0)]];
  });
}

/** @param roster of the microgrid @returns decoder of {@link cborTransactionsHeld} */
export function transactionsHeldDecoder({ members }: Roster): Decoder<TransactionsHeld> {
  const entry = tuple(count(members.length), count(MAX_LOWEST), count((1 << MAX_STEP) - 1));
  return (value) => {
    const held = new Map<TransactionSigner, readonly number[]>();
    for (const [place, lowest, bits] of list(entry, members.length + 1)(value)) {
      const signer = members[place]?.id ?? GRID_ADMIN;
      if (held.has(signer)) throw shape("each signer once", value);
      const steps = STEPS.filter((step) => (bits & (1 << (step - 1))) !== 0);
      held.set(signer, [lowest, ...steps.map((step) => lowest + step)]);
    }
    return held;
  };
}
