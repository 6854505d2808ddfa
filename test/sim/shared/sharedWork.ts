/**
 * Work that every gateway of a street does on the same bytes, done once for all of them. A function that is shared
 * must be pure and its values never changed: called again with the very same objects, and byte arrays of the same
 * content, it gives the value it gave before. Nothing is skipped that could come out otherwise.
 *
 * The files of this folder stand in for the files of `agent/core` of the same path while the simulator is bundled
 * (`sharedWorkPlugin.ts`). One seed in a hundred runs without sharing, and so does whatever is not bundled.
 */

type Place = Map<unknown, Place | unknown>;

/** Results kept before all are forgotten: a bound on memory, far above what a usual seed needs. */
const MOST_RESULTS = 100_000;

let isShared = true;
let results = 0;
let places = new Map<unknown, Place>();

/**
 * @param work pure
 * @param keyOf what its result depends on: objects by identity, byte arrays by content; by default its declared parameters
 * @returns the same function, which does the same work once
 */
export function shared<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Result,
  keyOf: (...args: Args) => readonly unknown[] = (...args) => args.slice(0, work.length),
): (...args: Args) => Result {
  return (...args) => {
    if (!isShared) return work(...args);
    const key = keyOf(...args);
    let place = placeIn(places, work);
    for (let index = 0; index < key.length - 1; index += 1) place = placeIn(place, keyed(key[index]));
    const last = keyed(key.at(-1));
    if (place.has(last)) return place.get(last) as Result;
    const result = work(...args);
    place.set(last, result);
    results += 1;
    if (results > MOST_RESULTS) forgetSharedWork();
    return result;
  };
}

/** Forgets all results: a new street begins. @param willShare false lets every gateway do all of its work itself */
export function forgetSharedWork(willShare = isShared): void {
  isShared = willShare;
  results = 0;
  places = new Map();
}

/** @returns false while every gateway does all of its work itself */
export function isWorkShared(): boolean {
  return isShared;
}

function placeIn(place: Place, key: unknown): Place {
  const known = place.get(key) as Place | undefined;
  if (known !== undefined) return known;
  const made: Place = new Map();
  place.set(key, made);
  return made;
}

function keyed(part: unknown): unknown {
  if (!(part instanceof Uint8Array)) return part;
  return Buffer.from(part.buffer, part.byteOffset, part.length).toString("latin1");
}
