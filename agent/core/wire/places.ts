/** Members of the roster as a bitmap over their places: lowest place first, in the lowest bit. */
import { bytes, type Decoder, shape } from "../codec.ts";
import type { Electors } from "../consensus/certificateCodec.ts";

/** @param members ids; who is not in the list has no place and is left out @param electors in roster order @returns the bitmap */
export function cborPlaces(members: ReadonlySet<string>, electors: Electors): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(electors.length / 8));
  for (const [place, { id }] of electors.entries()) {
    if (members.has(id)) bitmap[place >> 3] = (bitmap[place >> 3] ?? 0) | (1 << (place & 7));
  }
  return bitmap;
}

/** @param electors in roster order @returns decoder of a bitmap of exactly their length, as their ids */
export function placesDecoder<Id extends string>(
  electors: readonly { readonly id: Id }[],
): Decoder<ReadonlySet<Id>> {
  const length = Math.ceil(electors.length / 8);
  return (value) => {
    const bitmap = bytes(length)(value);
    const isSet = (place: number) => ((bitmap[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
    for (let place = electors.length; place < length * 8; place++)
      if (isSet(place)) throw shape(`a bitmap of ${electors.length} places`, value);
    return new Set(electors.filter((_, place) => isSet(place)).map(({ id }) => id));
  };
}
