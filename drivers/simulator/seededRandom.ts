/**
 * A small generator of reproducible numbers for simulated curves; never for keys or anything secret.
 *
 * @source Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix, 32-bit variant)
 */

const GOLDEN_GAMMA = 0x9e3779b9;
const TWO_TO_32 = 2 ** 32;

/** Draws numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number;

/**
 * Starts a sequence.
 *
 * @param parts integers that together name the sequence, such as seed, day and purpose
 * @returns its numbers, one a call
 */
export function seededRandom(...parts: readonly number[]): Random {
  let state = parts.reduce((mixed, part) => mix((mixed + GOLDEN_GAMMA) ^ (part | 0)), 0);
  return () => {
    state = (state + GOLDEN_GAMMA) | 0;
    return (mix(state) >>> 0) / TWO_TO_32;
  };
}

/** @param random sequence @param least @param most @returns number in [least, most) */
export function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
