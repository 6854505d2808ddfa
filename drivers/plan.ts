/** Turns the wish for some registers into the fewest reads the meter allows. */
import type { MeterDefinition } from "./definition.ts";
import {
  type IdentityPlace,
  isMeterRegister,
  placeCount,
  type RegisterPlace,
  type RegisterTable,
  termsOf,
} from "./register.ts";

/** One request: `count` registers of `table` from `address`. */
export type RegisterRead = {
  readonly table: RegisterTable;
  readonly address: number;
  readonly count: number;
};

/** What limits a read of a meter. */
export type ReadLimits = Pick<MeterDefinition, "maxRegistersPerRead" | "maxGapRegisters" | "readsInPairs">;

/** An answered read. */
export type AnsweredRead = { readonly read: RegisterRead; readonly words: readonly number[] };

/** Registers that must come in one answer; alone when nothing else may come with them. */
type Span = RegisterRead & { readonly isAlone: boolean };

/**
 * Merges registers into the fewest reads: within one table, along rising addresses, as long as a read stays
 * within the meter's limit and spans no longer hole than the meter tolerates. What is read alone is not merged,
 * and a value comes in the same read as its scale factor.
 *
 * @param limits of the meter
 * @param places registers wanted, in any order; none longer than a read, as `defineMeter` assures
 * @returns reads in order of table and address, together covering every place
 */
export function planReads(limits: ReadLimits, places: readonly IdentityPlace[]): readonly RegisterRead[] {
  const spans = places.flatMap(spansOf);
  return (["input", "holding"] as const).flatMap((table) => {
    const ofTable = spans.filter((span) => span.table === table);
    const merged = mergeReads(
      limits,
      ofTable.filter(({ isAlone }) => !isAlone).map((span) => alignedRead(limits, span)),
    );
    return [...merged, ...distinct(ofTable.filter(({ isAlone }) => isAlone).map(readOf))];
  });
}

/** @param read a request @param place a register @returns true when the answer holds all of it, with its meaning */
export function covers(read: RegisterRead, place: IdentityPlace): boolean {
  return spansOf(place).every((span) => holds(read, span));
}

/**
 * Takes the words of a value out of the answers.
 *
 * @param answers reads of a plan that covers the place
 * @param place of the value
 * @returns its words, term by term as `decodeRegister` takes them; null when an answer is missing
 */
export function wordsOf(answers: readonly AnsweredRead[], place: IdentityPlace): readonly number[] | null {
  const words: number[] = [];
  const spans = spansOf(place);
  const terms: readonly IdentityPlace[] = isMeterRegister(place) ? termsOf(place) : [place];
  for (const term of terms) {
    const span = spans.find((candidate) => contains(candidate, { ...term, count: placeCount(term) }));
    const answer = answers.find(({ read }) => span !== undefined && holds(read, span));
    if (answer === undefined) return null;
    const start = term.address - answer.read.address;
    words.push(...answer.words.slice(start, start + placeCount(term)));
  }
  return words;
}

function spansOf(place: IdentityPlace): readonly Span[] {
  const isAlone = place.readAlone === true;
  const { table } = place;
  const terms: readonly (IdentityPlace | RegisterPlace)[] = isMeterRegister(place) ? termsOf(place) : [place];
  if (!isMeterRegister(place) || place.scaleFactorAt === undefined)
    return terms.map((term) => ({ table, address: term.address, count: placeCount(term), isAlone }));
  const address = Math.min(...terms.map((term) => term.address));
  const end = Math.max(...terms.map((term) => term.address + placeCount(term)));
  return [{ table, address, count: end - address, isAlone }];
}

function holds(read: RegisterRead, span: Span): boolean {
  return span.isAlone ? read.address === span.address && read.count === span.count : contains(read, span);
}

function contains(outer: RegisterRead, inner: RegisterRead): boolean {
  return (
    outer.table === inner.table &&
    outer.address <= inner.address &&
    inner.address + inner.count <= outer.address + outer.count
  );
}

function alignedRead(limits: ReadLimits, span: Span): RegisterRead {
  const end = span.address + span.count;
  if (!limits.readsInPairs) return readOf(span);
  const address = span.address - (span.address % 2);
  return { table: span.table, address, count: end + (end % 2) - address };
}

function readOf({ table, address, count }: Span): RegisterRead {
  return { table, address, count };
}

function distinct(reads: readonly RegisterRead[]): readonly RegisterRead[] {
  return [...new Map(reads.map((read) => [`${read.address} ${read.count}`, read])).values()];
}

function mergeReads(limits: ReadLimits, reads: readonly RegisterRead[]): readonly RegisterRead[] {
  const merged: RegisterRead[] = [];
  for (const read of [...reads].sort((a, b) => a.address - b.address)) {
    const last = merged.at(-1);
    const joined = last === undefined ? null : join(limits, last, read);
    if (joined === null) merged.push(read);
    else merged[merged.length - 1] = joined;
  }
  return merged;
}

function join(limits: ReadLimits, left: RegisterRead, right: RegisterRead): RegisterRead | null {
  const leftEnd = left.address + left.count;
  if (right.address - leftEnd > limits.maxGapRegisters) return null;
  const count = Math.max(leftEnd, right.address + right.count) - left.address;
  return count > limits.maxRegistersPerRead ? null : { table: left.table, address: left.address, count };
}
