/** Times things beside each other on a machine that others use too, and what may be said of such times: medians, ratios, growth. */

/** One thing that is timed; each call does it once. */
export type Subject = { readonly name: string; readonly run: () => void };

/** Milliseconds a call of each subject took, one entry a round; the same rounds for all. */
export type Samples = ReadonlyMap<string, readonly number[]>;

/** How long and how often things are timed. */
export type TimingOptions = {
  /** ≥ 1 */
  readonly rounds: number;
  /** A sample repeats its call until it takes about so long, so that the clock's step does not count, ms. */
  readonly leastMs: number;
  /** How long each subject runs before, so that what is compiled on the way is not timed, ms. */
  readonly warmUpMs: number;
  /** A clock that only rises, ms. */
  readonly nowMs: () => number;
};

/** Most calls of one sample: a clock that stands still ends too. */
const MOST_CALLS = 100_000;

/**
 * Times subjects in rounds, each of them once a round, so that what else the machine does meets all of them alike.
 *
 * @param subjects with names of their own
 * @param options rounds, length of a sample, clock
 * @returns ms a call, by subject and round
 */
export function timed(subjects: readonly Subject[], options: TimingOptions): Samples {
  for (const subject of subjects) warmUp(subject, options);
  const calls = subjects.map((subject) => callsFor(subject, options));
  const samples = subjects.map((): number[] => []);
  for (let round = 0; round < options.rounds; round++)
    for (const [index, subject] of subjects.entries())
      samples[index]?.push(timeOf(subject, calls[index] ?? 1, options));
  return new Map(subjects.map(({ name }, index) => [name, samples[index] ?? []]));
}

/** @param values at least one @returns the middle one, of an even number the mean of the middle two */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no median of nothing");
  const ascending = values.toSorted((left, right) => left - right);
  const middle = ascending.length >> 1;
  const upper = ascending[middle] ?? Number.NaN;
  return ascending.length % 2 === 1 ? upper : ((ascending[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** @param values one a round @param baseline of the same rounds @returns the median of value / baseline, round by round */
export function medianRatio(values: readonly number[], baseline: readonly number[]): number {
  if (values.length !== baseline.length) throw new RangeError("a ratio is of the same rounds");
  return median(values.map((value, round) => value / (baseline[round] ?? Number.NaN)));
}

/**
 * Fits cost = factor · size ^ exponent by least squares of the logarithms.
 *
 * @param points of at least two sizes, all numbers > 0
 * @returns the exponent: 1 where twice the size costs twice as much
 */
export function growthExponent(points: readonly { readonly size: number; readonly cost: number }[]): number {
  const logs = points.map(({ size, cost }) => [Math.log(size), Math.log(cost)] as const);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const spread = logs.reduce((sum, [x]) => sum + (x - middleX) ** 2, 0);
  if (!(spread > 0)) throw new RangeError("growth needs two sizes");
  return logs.reduce((sum, [x, y]) => sum + (x - middleX) * (y - middleY), 0) / spread;
}

function warmUp({ run }: Subject, { warmUpMs, nowMs }: TimingOptions): void {
  const startMs = nowMs();
  for (let call = 0; call < MOST_CALLS && nowMs() - startMs < warmUpMs; call++) run();
}

function callsFor(subject: Subject, options: TimingOptions): number {
  let calls = 1;
  while (calls < MOST_CALLS && timeOf(subject, calls, options) * calls < options.leastMs) calls *= 2;
  return calls;
}

function timeOf({ run }: Subject, calls: number, { nowMs }: TimingOptions): number {
  const startMs = nowMs();
  for (let call = 0; call < calls; call++) run();
  return (nowMs() - startMs) / calls;
}
