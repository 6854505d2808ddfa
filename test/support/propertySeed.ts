/** The seed of a file's properties: random, printed, and repeatable through the environment. */

/** Set to repeat a run: `EDSO_PROPERTY_SEED=12345 npx tsx test/unit/….test.ts`. */
const VARIABLE = "EDSO_PROPERTY_SEED";

/** @param file name that is printed beside the seed @returns the seed to hand to fast-check */
export function propertySeed(file: string): number {
  const given = process.env[VARIABLE];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  if (!Number.isInteger(seed)) throw new RangeError(`${VARIABLE} must be an integer`);
  console.log(`${file}: ${VARIABLE}=${seed}`);
  return seed;
}
