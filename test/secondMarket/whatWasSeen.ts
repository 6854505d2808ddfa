/** What a set of drawn intervals brings about, so that a comparison over streets in which nothing happens is noticed. */
import type { IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { DrawnInterval } from "./drawInterval.ts";
import { settledByFirst } from "./settleFirst.ts";

const BEYOND_FLOATS = 2n ** 53n;

/** Each occurrence by name. */
const OCCURRENCES = {
  "an empty side": ({ trades }) => trades.length === 0,
  "trades of several sellers and buyers": ({ trades }) =>
    new Set(trades.map(({ from }) => from)).size > 1 && new Set(trades.map(({ to }) => to)).size > 1,
  "more than a float holds": ({ signal }) => signal.excess > BEYOND_FLOATS && signal.deficit > BEYOND_FLOATS,
  "a silent member": ({ missing }) => missing.some(({ reason }) => reason === "silent"),
  "a reading set apart": ({ missing }) => missing.some(({ reason }) => reason === "quarantined"),
  "no deficit left": ({ stop }) => stop === "no-deficit",
  "no excess left": ({ stop }) => stop === "no-excess",
  balanced: ({ stop, trades }) => stop === "balanced" && trades.length > 0,
  "bought from the supplier": ({ residuals }) => residuals.some(({ kind }) => kind === "bought"),
  "fed in": ({ residuals }) => residuals.some(({ kind }) => kind === "fed-in"),
  "an order after a shortage": ({ orders, signal }) => orders.length > 0 && signal.unmet > 0n,
  "an order raised by what was unsold": ({ orders, signal, missing }) =>
    signal.unsold > 0n && orders.some(({ member }) => missing.every((absent) => absent.member !== member)),
  "an order renewed in silence": ({ orders, missing }) =>
    orders.some(({ member }) => missing.some((absent) => absent.member === member)),
} satisfies Record<string, (outcome: IntervalOutcome) => boolean>;

/** @param intervals as drawn @returns how often each occurrence was in one of them */
export function whatWasSeen(intervals: readonly DrawnInterval[]): ReadonlyMap<string, number> {
  const outcomes = intervals.map((drawn) => settledByFirst(drawn).outcome);
  return new Map(Object.entries(OCCURRENCES).map(([name, occurs]) => [name, outcomes.filter(occurs).length]));
}
