/**
 * What a voter holds and a block lacks: its COMMIT says so, and the next block may owe it. The items themselves stand
 * in the journal beside the COMMIT, so that they can be served after a power cut in the whole street.
 *
 * @source docs/protocol.md, "No censorship"
 */
import { bytes, type DecodeRefusal, decode, encode, oneOf, tuple } from "../codec.ts";
import { type Holding, type Item, type ItemKind, itemListOf } from "../consensus/item.ts";
import { HELD_ITEM_FRAME_BYTES, MAX_HELD_BYTES } from "../consensus/ownVoteCodec.ts";
import { encodeReading, MAX_READING_BYTES, type SignedReading, signedReading } from "../metering/reading.ts";
import { accept, type Verdict } from "../verdict.ts";
import { isOpen } from "./completeness.ts";
import type { LedgerContext } from "./context.ts";
import { itemSigners, NEXT_INTERVAL_POSITION } from "./owedItems.ts";
import type { LedgerState } from "./state.ts";

/** An item that was kept with a COMMIT. */
export type HeldItem = { readonly kind: "reading"; readonly signed: SignedReading };

const KINDS = ["reading"] as const satisfies readonly ItemKind[];
const MAX_ITEM_BYTES = MAX_READING_BYTES + 16;

type Named = Item & { readonly bytes: Uint8Array };

/**
 * @param context of the epoch
 * @param after state after the block
 * @param readings held for the interval that the next block begins with, one of each member
 * @returns what of it the next block can take, as much as is kept with a COMMIT
 */
export function holdingAfter(
  context: LedgerContext,
  after: LedgerState,
  readings: readonly SignedReading[],
): Holding {
  const signers = itemSigners(context);
  const named = readings
    .filter((signed) => isOpen(after, signed))
    .map(
      (signed): Named => ({
        kind: "reading",
        position: NEXT_INTERVAL_POSITION,
        signer: signers.indexOf(signed.reading.member),
        bytes: encode([KINDS.indexOf("reading"), encodeReading(signed)]),
      }),
    );
  const kept = withinBytes(named);
  return { list: itemListOf(kept), items: kept.map((item) => item.bytes) };
}

/** @param encoded one item as a journal has it @returns it, unverified, or why it is none */
export function readHeldItem(encoded: Uint8Array): Verdict<HeldItem, DecodeRefusal> {
  const opened = decode(encoded, tuple(oneOf([0]), bytes(0, MAX_READING_BYTES)), MAX_ITEM_BYTES);
  if (opened.kind !== "accept") return opened;
  const read = decode(opened.value[1], signedReading, MAX_READING_BYTES);
  return read.kind === "accept" ? accept({ kind: "reading", signed: read.value }) : read;
}

function withinBytes(items: readonly Named[]): readonly Named[] {
  let left = MAX_HELD_BYTES;
  return items.filter((item) => {
    left -= item.bytes.length + HELD_ITEM_FRAME_BYTES;
    return left >= 0;
  });
}
