/** Numbers, choices and times drawn from a seed: one stream per purpose, so that a new fault does not move the others. */
import { seeded } from "../support/simSchedule.ts";

/** Draws from one stream. */
export type Draw = {
  /** @returns a number in [from, to) */
  readonly within: (from: number, to: number) => number;
  /** @returns an integer in [from, to] */
  readonly integer: (from: number, to: number) => number;
  /** @returns true with that probability */
  readonly chance: (share: number) => boolean;
  /** @returns one of them */
  readonly one: <T>(items: readonly T[]) => T;
  /** @returns `count` of them, in a drawn order */
  readonly some: <T>(items: readonly T[], count: number) => readonly T[];
};

/** @param seed of the run @param purpose names the stream @returns its draws, the same for the same seed */
export function drawFor(seed: number, purpose: string): Draw {
  const random = seeded(mixed(seed, purpose));
  const integer = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  return {
    within: (from, to) => from + random() * (to - from),
    integer,
    chance: (share) => random() < share,
    one: (items) => items[integer(0, items.length - 1)]!,
    some: (items, count) => {
      const left = [...items];
      const taken: (typeof left)[number][] = [];
      while (taken.length < count && left.length > 0)
        taken.push(...left.splice(integer(0, left.length - 1), 1));
      return taken;
    },
  };
}

/** @source FNV-1a, 32 bit */
function mixed(seed: number, purpose: string): number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${seed}/${purpose}`))
    state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}
