/** What a set of drawn intervals brings about, so that a comparison over streets in which nothing happens is noticed. */

import type { Correction } from "../../agent/core/ledger/settlement/lateSection.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import type { IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { ComplianceEntry } from "../../agent/core/market/compliance.ts";
import type { Settlement } from "../../agent/core/market/settle.ts";
import type { DrawnInterval } from "./drawInterval.ts";
import type { DrawnLate } from "./drawLate.ts";
import { settledByFirst } from "./settleFirst.ts";
import { correctedByFirst } from "./settleLateFirst.ts";

const BEYOND_FLOATS = 2n ** 53n;

/** Each occurrence in the energy of an interval, by name. */
const OF_ENERGY = {
  "an empty side": ({ trades }) => trades.length === 0,
  "trades of several sellers and buyers": ({ trades }) =>
    new Set(trades.map(({ from }) => from)).size > 1 && new Set(trades.map(({ to }) => to)).size > 1,
  "more than a float holds": ({ signal }) => signal.excess > BEYOND_FLOATS && signal.deficit > BEYOND_FLOATS,
  "a silent member": ({ missing }) => missing.some(({ reason }) => reason === "silent"),
  "a reading set apart": ({ missing }) => missing.some(({ reason }) => reason === "quarantined"),
  "no deficit left": ({ stop }) => stop === "no-deficit",
  "no excess left": ({ stop }) => stop === "no-excess",
  "both left, kept apart by limits": ({ stop }) => stop === "limits",
  balanced: ({ stop, trades }) => stop === "balanced" && trades.length > 0,
  "bought from the supplier": ({ residuals }) => residuals.some(({ kind }) => kind === "bought"),
  "fed in": ({ residuals }) => residuals.some(({ kind }) => kind === "fed-in"),
  "against the imbalance": ({ residuals }) => residuals.some(({ kind }) => kind === "imbalance"),
  "an order of consumption": ({ orders, signal }) =>
    signal.unmet > 0n && orders.some(({ kind }) => kind === "consumption"),
  "an order of generation": ({ orders, missing }) =>
    orders.some(
      ({ kind, member }) => kind === "generation" && missing.every((absent) => absent.member !== member),
    ),
  "an order raised by what was unsold": ({ orders, signal, missing }) =>
    signal.unsold > 0n &&
    orders.some(
      ({ kind, member }) => kind === "consumption" && missing.every((absent) => absent.member !== member),
    ),
  "an order renewed in silence": ({ orders, missing }) =>
    orders.some(({ member }) => missing.some((absent) => absent.member === member)),
} satisfies Record<string, (outcome: IntervalOutcome) => boolean>;

/** Each occurrence in what became of its orders. */
const OF_COMPLIANCE = {
  "an order kept": ({ result }) => result === "complied",
  "an order kept within the tolerance": ({ result, measured, max }) =>
    result === "complied" && measured !== null && measured > max,
  "an order of generation kept": ({ result, kind }) => result === "complied" && kind === "generation",
  "an order broken": ({ result }) => result === "exceeded",
  "an order that nobody can judge": ({ result, measured }) => result === "unknown" && measured === null,
  "an order that came too late": ({ result, measured }) => result === "unknown" && measured !== null,
} satisfies Record<string, (entry: ComplianceEntry) => boolean>;

/** Each occurrence in its money. */
const OF_MONEY = {
  "no policy, or more than 64 bits": (settlement) => settlement === null,
  "an auction's price": (_, drawn, outcome) =>
    drawn.policies[0]?.pricing === "auction" && outcome.trades.length > 0,
  "an auction that trades nothing": (settlement) => settlement?.price === null,
  "a buyer's wish that came true": (_, { bids, policies, members }, { trades }) =>
    policies[0]?.pricing === "auction" &&
    trades.some(({ from, to }) => {
      const area = bids.find(({ member, bid }) => member === to && bid.side === "buy")?.bid.wish.area;
      return area !== null && area === members.find(({ id }) => id === from)?.area;
    }),
  "a member out of credit": (settlement) => (settlement?.ineligible.length ?? 0) > 0,
  "a µcoin rounded off": (settlement) =>
    settlement?.trades.some(({ paid, received }) => paid !== received) ?? false,
  "a fee": (settlement) => settlement?.trades.some(({ fee }) => fee > 0n) ?? false,
  "a carbon premium on a trade": (settlement) =>
    settlement?.trades.some(({ carbon }) => carbon > 0n) ?? false,
  "a carbon premium on the supplier's": (settlement) =>
    settlement?.residuals.some(({ carbon }) => carbon > 0n) ?? false,
  "undeclared fuel": (settlement) =>
    settlement?.trades.some(({ fuels }) => fuels.some(([fuel]) => fuel === "undeclared")) ?? false,
} satisfies Record<
  string,
  (settlement: Settlement | null, drawn: DrawnInterval, outcome: IntervalOutcome) => boolean
>;

/** Each occurrence in a late reading. */
const OF_LATE = {
  "late: one interval": (_, { content }) => content.kind === "measured",
  "late: a span from edge to edge": (_, { content, gap, interval }) =>
    content.kind === "spanning" && gap.before !== null && gap.after !== null && gap.to === interval,
  "late: consumed a little below 0": ({ consumed }) => consumed < 0n,
  "late: a reset": (_, { content }) => content.kind === "missing",
  "late: set apart": ({ against }) => against === "quarantined",
  "late: earned": ({ amount }) => amount > 0n,
  "late: owed": ({ amount }) => amount < 0n,
  "late: under several policies": ({ policyVersion }, { policies, content, interval }) =>
    policyVersion !== null && content.kind === "spanning" && heldIn(policies, content.from, interval) > 1,
  "late: no policy, or more than 64 bits": ({ policyVersion }) => policyVersion === null,
} satisfies Record<string, (correction: Correction, drawn: DrawnLate) => boolean>;

/** @param intervals as drawn @returns how often each occurrence was in one of them */
export function whatWasSeen(intervals: readonly DrawnInterval[]): ReadonlyMap<string, number> {
  const all = intervals.map((drawn) => ({ drawn, settled: settledByFirst(drawn) }));
  const timesOf = (occurs: (settled: SettledInterval, drawn: DrawnInterval) => boolean) =>
    all.filter(({ drawn, settled }) => occurs(settled, drawn)).length;
  return new Map([
    ...Object.entries(OF_ENERGY).map(([name, occurs]): [string, number] => [
      name,
      timesOf(({ outcome }) => occurs(outcome)),
    ]),
    ...Object.entries(OF_COMPLIANCE).map(([name, occurs]): [string, number] => [
      name,
      timesOf(({ compliance }) => compliance.some(occurs)),
    ]),
    ...Object.entries(OF_MONEY).map(([name, occurs]): [string, number] => [
      name,
      timesOf(({ settlement, outcome }, drawn) => occurs(settlement, drawn, outcome)),
    ]),
  ]);
}

/** @param late readings as drawn @returns how often each occurrence was in one of them */
export function whatWasSeenLate(late: readonly DrawnLate[]): ReadonlyMap<string, number> {
  const all = late.map((drawn) => ({ drawn, correction: correctedByFirst(drawn) }));
  return new Map(
    Object.entries(OF_LATE).map(([name, occurs]) => [
      name,
      all.filter(({ drawn, correction }) => occurs(correction, drawn)).length,
    ]),
  );
}

function heldIn(policies: DrawnLate["policies"], from: number, to: number): number {
  return policies.filter((policy) => policy.from <= to && from < policy.to).length;
}
