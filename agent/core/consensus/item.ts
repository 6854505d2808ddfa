/**
 * Items that a block may hold, as votes name them: by whose it is, of which kind, and at which position. What an item
 * says is no part of its name: a block that has another item of the same signer, kind and position holds one in
 * conflict, which every rule accepts in its place. So a name costs a bit, and a list of them has a hard bound.
 *
 * Signers are places in a list that whoever reads the names knows; positions are counted from what is settled. Both
 * mean nothing here.
 *
 * @source docs/protocol.md, "No censorship"
 */
import {
  bytes,
  type Cbor,
  count,
  type Decoder,
  decode,
  encode,
  list,
  oneOf,
  shape,
  tuple,
} from "../codec.ts";
import { type Hash, hashOf } from "../hash.ts";
import { maxFaulty, quorum } from "./quorum.ts";

/** Kinds of items, in the order of the format. */
export const ITEM_KINDS = ["reading", "transaction"] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** One item's name. */
export type Item = {
  readonly kind: ItemKind;
  /** Counted from what is settled, from 1. */
  readonly position: number;
  /** Place of its signer. */
  readonly signer: number;
};

/** Items of one kind and position: a bit for each signer, lowest place first in the lowest bit, no empty last byte. */
export type ItemGroup = {
  readonly kind: ItemKind;
  readonly position: number;
  readonly signers: Uint8Array;
};

/** Named items, by kind and position, each once. */
export type ItemList = readonly ItemGroup[];

/** What a voter holds and a block lacks: the names, and the items themselves. */
export type Holding = { readonly list: ItemList; readonly items: readonly Uint8Array[] };

/** Groups of one list: a signer's quota has that many items at most. */
export const MAX_ITEM_GROUPS = 8;
/** Highest position. */
export const MAX_ITEM_POSITION = 8;
/** Signers of a microgrid: 200 members and who admits them, in bytes of a bitmap. */
const MAX_SIGNER_BYTES = 26;
/** Most items of one list. */
export const MAX_ITEMS = MAX_ITEM_GROUPS * MAX_SIGNER_BYTES * 8;
/** Longest encoded list: its head, and per group heads, kind, position and bitmap. */
export const MAX_ITEM_LIST_BYTES = 1 + MAX_ITEM_GROUPS * (MAX_SIGNER_BYTES + 5);

/** Nothing is named. */
export const NO_ITEMS: ItemList = [];
/** Nothing is held that a block lacks. */
export const NO_HOLDING: Holding = { list: NO_ITEMS, items: [] };

const NO_ITEMS_HASH: Hash = hashOf(encode([]));

/** @param items in any order, also twice @returns the one list of them; what has no place in a list is left out */
export function itemListOf(items: readonly Item[]): ItemList {
  const groups = new Map<number, { readonly item: Item; readonly places: Set<number> }>();
  for (const item of items) {
    if (item.position < 1 || item.position > MAX_ITEM_POSITION) continue;
    if (item.signer >= MAX_SIGNER_BYTES * 8) continue;
    const group = groups.get(rankOf(item)) ?? { item, places: new Set() };
    groups.set(rankOf(item), group);
    group.places.add(item.signer);
  }
  return [...groups]
    .sort(([left], [right]) => left - right)
    .slice(0, MAX_ITEM_GROUPS)
    .map(([, { item, places }]) => ({
      kind: item.kind,
      position: item.position,
      signers: bitmapOf(places),
    }));
}

/** @param list of names @returns each name */
export function itemsOf(items: ItemList): readonly Item[] {
  return items.flatMap(({ kind, position, signers }) =>
    placesIn(signers).map((signer) => ({ kind, position, signer })),
  );
}

/** @param items of a vote @param sought items @returns true when one of them is named */
export function namesAny(items: ItemList, sought: readonly Item[]): boolean {
  return sought.some((item) => {
    const group = items.find(({ kind, position }) => kind === item.kind && position === item.position);
    return group !== undefined && placesIn(group.signers).includes(item.signer);
  });
}

/** @param items of a vote @returns what its signature covers */
export function itemListHash(items: ItemList): Hash {
  return items.length === 0 ? NO_ITEMS_HASH : hashOf(encode(cborItemList(items)));
}

/**
 * @param lists one of each voter
 * @param threshold how many must name an item, ≥ 1
 * @returns the items that so many name
 */
export function itemsNamedBy(lists: readonly ItemList[], threshold: number): readonly Item[] {
  const named = new Map<number, { readonly item: Item; readonly times: number }>();
  for (const items of lists.map(itemsOf))
    for (const item of items) {
      const key = rankOf(item) * MAX_SIGNER_BYTES * 8 + item.signer;
      named.set(key, { item, times: (named.get(key)?.times ?? 0) + 1 });
    }
  return [...named]
    .sort(([left], [right]) => left - right)
    .flatMap(([, { item, times }]) => (times >= threshold ? [item] : []));
}

/**
 * @param voterCount number of voters
 * @returns how many ROUND_CHANGEs of a mandate must name an item for the new DSO to owe it: one of them is honest
 */
export function namedThreshold(voterCount: number): number {
  return maxFaulty(voterCount) + 1;
}

/**
 * @param voterCount number of voters
 * @returns how many COMMITs of a certificate must hold an item for the next block to owe it: one of them is in every
 *   quorum, so that the item can be had while the street can decide at all; and never one voter alone
 */
export function heldThreshold(voterCount: number): number {
  return Math.max(voterCount - quorum(voterCount) + 1, 2);
}

/** @param items to write @returns their place in a message */
export function cborItemList(items: ItemList): Cbor {
  return items.map(({ kind, position, signers }): Cbor => [ITEM_KINDS.indexOf(kind), position, signers]);
}

/** Decoder of a list: ascending groups, none empty, one encoding each. */
export const itemListDecoder: Decoder<ItemList> = (value) => {
  const groups = list(groupDecoder, MAX_ITEM_GROUPS)(value);
  const isAscending = groups.every((group, index) => {
    const before = groups[index - 1];
    return before === undefined || rankOf(before) < rankOf(group);
  });
  if (!isAscending) throw shape("ascending groups of items", value);
  return groups;
};

/** @param items of a vote @returns their bytes, as a journal keeps them */
export function encodeItemList(items: ItemList): Uint8Array {
  return encode(cborItemList(items));
}

/** @param encoded untrusted @returns the list, or why it is none */
export function decodeItemList(encoded: Uint8Array) {
  return decode(encoded, itemListDecoder, MAX_ITEM_LIST_BYTES);
}

/** @param bitmap lowest place first in the lowest bit @returns the places in it */
export function placesIn(bitmap: Uint8Array): readonly number[] {
  const places: number[] = [];
  for (let place = 0; place < bitmap.length * 8; place += 1)
    if (((bitmap[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) places.push(place);
  return places;
}

/** @param places any @returns their bitmap, no longer than it must be */
export function bitmapOf(places: Iterable<number>): Uint8Array {
  const all = [...places];
  const bitmap = new Uint8Array(all.reduce((length, place) => Math.max(length, (place >> 3) + 1), 0));
  for (const place of all) bitmap[place >> 3] = (bitmap[place >> 3] ?? 0) | (1 << (place & 7));
  return bitmap;
}

/** @param maxBytes longest one @returns decoder of a bitmap with a place in its last byte */
export function bitmapDecoder(maxBytes: number): Decoder<Uint8Array> {
  return (value) => {
    const bitmap = bytes(1, maxBytes)(value);
    if (bitmap.at(-1) === 0) throw shape("a bitmap without an empty last byte", value);
    return bitmap;
  };
}

function groupDecoder(value: unknown): ItemGroup {
  const [kind, position, signers] = tuple(
    count(ITEM_KINDS.length - 1),
    oneOf(POSITIONS),
    bitmapDecoder(MAX_SIGNER_BYTES),
  )(value);
  const known = ITEM_KINDS[kind];
  if (known === undefined) throw shape("a kind of item", value);
  return { kind: known, position, signers };
}

const POSITIONS = Array.from({ length: MAX_ITEM_POSITION }, (_, index) => index + 1);

/** Where a group stands in a list. */
function rankOf({ kind, position }: Pick<Item, "kind" | "position">): number {
  return ITEM_KINDS.indexOf(kind) * (MAX_ITEM_POSITION + 1) + position;
}
