/** How long a test file may take: what its first lines declare (`// time limit: 300 s`), or the default. */

/** Limit of a file that declares none. */
export const DEFAULT_TIME_LIMIT_SECONDS = 120;
/** Greatest limit a file may declare. */
export const MAX_TIME_LIMIT_SECONDS = 600;

const LINES_READ = 10;
const DECLARATION = /^\/\/ time limit: (\d+) s$/;

/** @param source text of a test file @returns its limit in seconds @throws RangeError outside 1 to 600 */
export function timeLimitSeconds(source: string): number {
  const declared = source
    .split("\n", LINES_READ)
    .map((line) => DECLARATION.exec(line.trim())?.[1])
    .find((seconds) => seconds !== undefined);
  if (declared === undefined) return DEFAULT_TIME_LIMIT_SECONDS;
  const seconds = Number(declared);
  if (seconds < 1 || seconds > MAX_TIME_LIMIT_SECONDS)
    throw new RangeError(`declares a time limit of ${seconds} s, outside 1 to ${MAX_TIME_LIMIT_SECONDS} s`);
  return seconds;
}
