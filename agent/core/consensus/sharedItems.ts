/**
 * The item lists of a certificate's signers as bytes: voters mostly name the same, so each different list stands
 * once, with a bitmap of the signers that have it. Nothing is written of signers that name nothing.
 */
import { equalBytes } from "../bytes.ts";
import { type Cbor, type Decoder, encode, list, shape, tuple } from "../codec.ts";
import {
  bitmapDecoder,
  bitmapOf,
  cborItemList,
  type ItemList,
  itemListDecoder,
  NO_ITEMS,
  placesIn,
} from "./item.ts";
import { MAX_VOTERS } from "./quorum.ts";

/** @param lists of the signers, in their order @returns the different ones with who has them, by first signer */
export function cborSharedItems(lists: readonly ItemList[]): readonly Cbor[] {
  const shared: { readonly items: Cbor; readonly encoded: Uint8Array; readonly positions: number[] }[] = [];
  for (const [position, items] of lists.entries()) {
    if (items.length === 0) continue;
    const encoded = encode(cborItemList(items));
    const same = shared.find((entry) => equalBytes(entry.encoded, encoded));
    if (same !== undefined) same.positions.push(position);
    else shared.push({ items: cborItemList(items), encoded, positions: [position] });
  }
  return shared.map(({ items, positions }): Cbor => [items, bitmapOf(positions)]);
}

/** @param signerCount of the certificate @returns decoder of each signer's list, in their order */
export function sharedItemsDecoder(signerCount: number): Decoder<readonly ItemList[]> {
  const entryDecoder = tuple(itemListDecoder, bitmapDecoder(Math.ceil(MAX_VOTERS / 8)));
  return (value) => {
    const entries = list(entryDecoder, MAX_VOTERS)(value);
    const lists: ItemList[] = Array.from({ length: signerCount }, () => NO_ITEMS);
    for (const [items, positions] of entries)
      for (const position of placesIn(positions)) {
        if (position >= signerCount) throw shape(`a position below ${signerCount}`, value);
        if (lists[position] !== NO_ITEMS) throw shape("one list of each signer", value);
        lists[position] = items;
      }
    // One encoding only: lists that differ, none empty, by their first signer.
    if (!equalBytes(encode(cborSharedItems(lists)), encode(value as Cbor)))
      throw shape("lists of items as they are written", value);
    return lists;
  };
}
