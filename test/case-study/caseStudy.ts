/** One run of the case study, as its verified chain tells it. */
import type { BlockBody } from "../../agent/core/ledger/blocks/block.ts";
import { type ChainEntry, verifyNext } from "../../agent/core/ledger/chain/chain.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import { genesisState, type LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import type { IntervalOutcome } from "../../agent/core/market/balance.ts";
import type { CurtailmentOrder } from "../../agent/core/market/curtail.ts";
import type { Settlement } from "../../agent/core/market/settle.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { type Wh, wh } from "../../agent/core/units.ts";
import { caseChain } from "./caseChain.ts";
import { DEPS, type Dep, demandOf, WH_PER_KWH } from "./demand.ts";
import { caseStreet, memberNamed } from "./street.ts";

/** One DEP in one hour, in Wh. */
export type DepHour = {
  readonly generated: Wh;
  /** What it would have consumed without an order. */
  readonly need: Wh;
  readonly consumed: Wh;
  /** Generated − consumed. */
  readonly before: Wh;
  readonly sold: Wh;
  readonly bought: Wh;
  /** What sharing left of the position: unsold excess above 0, unmet deficit below. */
  readonly after: Wh;
  /** That binds this hour. */
  readonly order: CurtailmentOrder | null;
};

/** One hour as its block settled it. */
export type CaseHour = {
  readonly t: number;
  readonly height: number;
  /** Name of the DSO that proposed the block. */
  readonly dso: string;
  readonly outcome: IntervalOutcome;
  /** What it cost. */
  readonly settlement: Settlement;
  readonly deps: Readonly<Record<Dep, DepHour>>;
};

/** A finished run. */
export type CaseStudy = {
  readonly seed: string;
  readonly context: LedgerContext;
  readonly hours: readonly CaseHour[];
  /** Micro-coins issued to each member, by the transactions that took effect. */
  readonly issued: ReadonlyMap<MemberId, bigint>;
  /** After the last block. */
  readonly state: LedgerState;
  /** Signatures that were verified from the genesis on. */
  readonly signatures: number;
};

/**
 * @param seed of keys and draws
 * @param hours how many to settle
 * @param termMax blocks of a DSO's term; without it, so many that the first DSO stays
 * @returns the run, read from its chain after that was verified from the genesis on
 */
export function caseStudy(seed: string, hours: number, termMax?: number): CaseStudy {
  const street = caseStreet(seed, termMax);
  return verifiedStudy(seed, street.context, caseChain(street, seed, hours));
}

/**
 * @param seed of the draws
 * @param context of the street
 * @param entries its chain
 * @returns what the chain tells
 * @throws Error on the first block that is refused, with its code
 */
export function verifiedStudy(
  seed: string,
  context: LedgerContext,
  entries: readonly ChainEntry[],
): CaseStudy {
  const hours: CaseHour[] = [];
  let state = genesisState(context);
  const issued = new Map<MemberId, bigint>();
  let signatures = 0;
  for (const entry of entries) {
    const verified = verifyNext(context, state, entry);
    if (verified.kind !== "accept") throw new Error(`block ${entry.height} is refused: ${verified.code}`);
    const { header, body } = verified.value.judged.block;
    const dso = context.roster.byId.get(header.dso)?.name ?? header.dso;
    for (const settled of body.intervals)
      hours.push(hourOf(seed, context, state.orders, { height: header.height, dso, settled }));
    for (const { to, amount } of issuesOf(body)) issued.set(to, (issued.get(to) ?? 0n) + amount);
    state = verified.value.state;
    signatures += verified.value.signatures;
  }
  return { seed, context, hours, issued, state, signatures };
}

function issuesOf({ transactions }: BlockBody) {
  return transactions.flatMap(({ signed, refusal }) => {
    const { content } = signed.transaction;
    return content.kind === "issue" && refusal === null ? [content] : [];
  });
}

function hourOf(
  seed: string,
  context: LedgerContext,
  orders: readonly CurtailmentOrder[],
  { height, dso, settled }: { height: number; dso: string; settled: SettledInterval },
): CaseHour {
  const { outcome, settlement } = settled;
  if (settlement === null) throw new Error(`no policy is in force at ${outcome.interval}`);
  const demand = demandOf(seed, outcome.interval);
  const binding = orders.filter((order) => order.interval === outcome.interval);
  const depHour = (dep: Dep): DepHour => {
    const need = wh(BigInt(demand[dep].needKwh) * WH_PER_KWH);
    return { need, ...settledOf(outcome, binding, memberNamed(context, dep).id) };
  };
  const [dep1, dep2, dep3] = [depHour(DEPS[0]), depHour(DEPS[1]), depHour(DEPS[2])];
  return { t: outcome.interval, height, dso, outcome, settlement, deps: { dep1, dep2, dep3 } };
}

function settledOf(
  { positions, trades }: IntervalOutcome,
  binding: readonly CurtailmentOrder[],
  id: MemberId,
): Omit<DepHour, "need"> {
  const stated = positions.find(({ member }) => member === id);
  if (stated === undefined) throw new Error(`${id} has no position`);
  const sold = sumOf(trades.filter(({ from }) => from === id));
  const bought = sumOf(trades.filter(({ to }) => to === id));
  return {
    generated: stated.generated,
    consumed: stated.consumed,
    before: stated.position,
    sold,
    bought,
    after: wh(stated.position - sold + bought),
    order: binding.find(({ member }) => member === id) ?? null,
  };
}

/** @param amounts any @returns their sum in Wh */
export function sumOf(amounts: readonly { readonly wh: Wh }[]): Wh {
  return wh(amounts.reduce((total, amount) => total + amount.wh, 0n));
}
