/** Turns the wish for some registers into the fewest reads the meter allows. */
import { type MeterDefinition, type RegisterPlace, type RegisterTable, registerCount } from "./definition.ts";

/** One request: `count` registers of `table` from `address`. */
export type RegisterRead = {
  readonly table: RegisterTable;
  readonly address: number;
  readonly count: number;
};

/**
 * Merges registers into the fewest reads: within one table, along rising addresses, as long as a read stays
 * within the meter's limit and spans no longer hole than the meter tolerates.
 *
 * @param definition the meter's limits
 * @param places registers wanted, in any order; none longer than a read, as `defineMeter` assures
 * @returns reads in order of table and address, together covering every place
 */
export function planReads(
  definition: MeterDefinition,
  places: readonly RegisterPlace[],
): readonly RegisterRead[] {
  return (["input", "holding"] as const).flatMap((table) => {
    const ofTable = places.filter((place) => place.table === table);
    return mergeReads(
      definition,
      ofTable.map((place) => alignedRead(definition, place)),
    );
  });
}

/** @param read a request @param place a register @returns true when the answer holds all of it */
export function covers(read: RegisterRead, place: RegisterPlace): boolean {
  return (
    read.table === place.table &&
    read.address <= place.address &&
    place.address + registerCount(place.type) <= read.address + read.count
  );
}

function alignedRead(definition: MeterDefinition, place: RegisterPlace): RegisterRead {
  const end = place.address + registerCount(place.type);
  if (!definition.readsInPairs)
    return { table: place.table, address: place.address, count: end - place.address };
  const address = place.address - (place.address % 2);
  return { table: place.table, address, count: end + (end % 2) - address };
}

function mergeReads(definition: MeterDefinition, reads: readonly RegisterRead[]): readonly RegisterRead[] {
  const merged: RegisterRead[] = [];
  for (const read of [...reads].sort((a, b) => a.address - b.address)) {
    const last = merged.at(-1);
    const joined = last === undefined ? null : join(definition, last, read);
    if (joined === null) merged.push(read);
    else merged[merged.length - 1] = joined;
  }
  return merged;
}

function join(definition: MeterDefinition, left: RegisterRead, right: RegisterRead): RegisterRead | null {
  const leftEnd = left.address + left.count;
  if (right.address - leftEnd > definition.maxGapRegisters) return null;
  const count = Math.max(leftEnd, right.address + right.count) - left.address;
  return count > definition.maxRegistersPerRead ? null : { table: left.table, address: left.address, count };
}
