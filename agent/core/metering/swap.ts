/**
 * A meter that was taken off and another that was put in its place. What both showed at that moment joins their two
 * bases: a span over the swap goes on counting from the old meter's end.
 *
 * @source docs/market.md, "Swaps"
 */
import { type Cbor, count, type Decoder, energy, interval, list, tuple } from "../codec.ts";
import { type IntervalIndex, type Wh, wh } from "../units.ts";
import type { Registers } from "./energy.ts";

/** One swap, as far as the registers of its member are concerned. */
export type MeterSwap = {
  /** The interval in which it was done; all before it is the old meter's, all after it the new one's. */
  readonly interval: IntervalIndex;
  /** Place of the meter in its member's enrolment. */
  readonly meter: number;
  /** What the old meter showed last. */
  readonly oldEnd: Registers;
  /** What the new meter showed first. */
  readonly newStart: Registers;
};

/** Swaps of a member that are not settled yet: each of its meters, twice over. */
export const MAX_SWAPS = 8;

/**
 * @param registers of the new meters, per meter
 * @param swaps between the old meters and these
 * @returns what the old ones would have come to
 */
export function continued(
  registers: readonly Registers[],
  swaps: readonly MeterSwap[],
): readonly Registers[] {
  return shifted(registers, swaps, 1n);
}

/** @param registers as {@link continued} gives them @param swaps between @returns what the new meters show */
export function uncontinued(
  registers: readonly Registers[],
  swaps: readonly MeterSwap[],
): readonly Registers[] {
  return shifted(registers, swaps, -1n);
}

/**
 * @param before registers at the beginning, per meter
 * @param swaps after it, in order
 * @param after registers at the end
 * @returns false when a register has fallen on the way, on the old meters or on the new ones
 */
export function hasOnlyRisen(
  before: readonly Registers[],
  swaps: readonly MeterSwap[],
  after: readonly Registers[],
): boolean {
  return before.every((start, meter) => {
    const own = swaps.filter((swap) => swap.meter === meter);
    const bases = [start, ...own.map(({ newStart }) => newStart)];
    const ends = [...own.map(({ oldEnd }) => oldEnd), after[meter] ?? []];
    return bases.every((base, index) => base.every((value, place) => value <= (ends[index]?.[place] ?? -1n)));
  });
}

/** @param swap of a member @returns its place in a message */
export function cborSwap({ interval: at, meter, oldEnd, newStart }: MeterSwap): Cbor {
  return [at, meter, oldEnd, newStart];
}

/** Decoder of a swap. */
export const swapDecoder: Decoder<MeterSwap> = (value) => {
  const [at, meter, oldEnd, newStart] = tuple(interval, count(3), list(energy, 2), list(energy, 2))(value);
  return { interval: at, meter, oldEnd: oldEnd.map(wh), newStart: newStart.map(wh) };
};

function shifted(
  registers: readonly Registers[],
  swaps: readonly MeterSwap[],
  sign: 1n | -1n,
): readonly Registers[] {
  return registers.map((values, meter) =>
    values.map((value, place) => wh(value + sign * stepOf(swaps, meter, place))),
  );
}

function stepOf(swaps: readonly MeterSwap[], meter: number, place: number): bigint {
  return swaps
    .filter((swap) => swap.meter === meter)
    .reduce((sum, { oldEnd, newStart }) => sum + at(oldEnd, place) - at(newStart, place), 0n);
}

function at(registers: Registers, place: number): Wh {
  return registers[place] ?? wh(0n);
}
