/** Chance, for what must not happen in step: never for keys, votes or anything that is agreed on. */

/** @returns a number in [0, 1) */
export type Random = () => number;
