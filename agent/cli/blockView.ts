/** A block as people and scripts see it: names instead of keys, integers in Wh. */
import type { Block } from "../core/ledger/blocks/block.ts";
import type { LateEntry } from "../core/ledger/settlement/lateSection.ts";
import type { SettledInterval } from "../core/ledger/settlement/settledInterval.ts";
import { curtailedWh, maxOf } from "../core/market/curtail.ts";
import type { ResidualEntry, TradeEntry } from "../core/market/settle.ts";
import type { MemberId } from "../core/membership/address.ts";
import type { Roster } from "../core/membership/roster.ts";
import type { SignedReading } from "../core/metering/reading.ts";
import type { Wh } from "../core/units.ts";
import type { StoredBlock } from "../ports/ledgerStore.ts";

/** One reading of a block; energies are null when nothing was measured. */
export type ReadingView = {
  readonly member: string;
  readonly sequence: number;
  readonly boot: number;
  readonly time: string;
  readonly generatedWh: number | null;
  readonly consumedWh: number | null;
  readonly positionWh: number | null;
  readonly reason: string | null;
};

/** What the meters say of an order that bound the interval. */
export type ComplianceView = {
  readonly member: string;
  readonly kind: string;
  readonly maxWh: number;
  /** Null for a member that is missing. */
  readonly measuredWh: number | null;
  readonly acknowledged: boolean;
  /** `complied`, `exceeded` or `unknown`. */
  readonly result: string;
};

/** One trade; money in whole micro-coins as text, null without a policy in force. */
export type BlockTradeView = {
  readonly from: string;
  readonly to: string;
  readonly wh: number;
  readonly money: {
    /** Per kWh. */
    readonly price: string;
    readonly paid: string;
    readonly received: string;
    readonly fee: string;
    readonly carbon: string;
  } | null;
};

/** One settled interval of a block. */
export type SettledView = {
  readonly interval: number;
  readonly readings: readonly ReadingView[];
  readonly missing: readonly { readonly member: string; readonly reason: string }[];
  readonly trades: readonly BlockTradeView[];
  readonly orders: readonly {
    readonly member: string;
    readonly interval: number;
    /** `consumption` or `generation`. */
    readonly kind: string;
    readonly maxWh: number;
    readonly curtailedWh: number;
  }[];
  readonly compliance: readonly ComplianceView[];
  readonly residuals: readonly {
    readonly member: string;
    readonly kind: string;
    readonly wh: number;
    readonly money: { readonly price: string; readonly amount: string; readonly carbon: string } | null;
  }[];
  readonly signal: {
    readonly excessWh: number;
    readonly deficitWh: number;
    readonly unmetWh: number;
    readonly unsoldWh: number;
  };
  readonly stop: string;
  /** Null without a policy in force. */
  readonly settlement: { readonly policyVersion: number; readonly ineligible: readonly string[] } | null;
};

/** A late reading, and the correction it became. */
export type LateView = {
  readonly member: string;
  readonly from: number;
  readonly to: number;
  readonly sequence: number;
  /** `supplier`, `imbalance`, or `quarantined` when it is more than the connection carries. */
  readonly against: string;
  readonly generatedWh: number;
  readonly consumedWh: number;
  /** Of the newest policy that held then; null for none. */
  readonly policyVersion: number | null;
  /** What its account changed by, in whole micro-coins as text. */
  readonly amount: string;
};

/** A block of the ledger. */
export type BlockView = {
  readonly schema: "edso.block/2";
  readonly height: number;
  readonly blockHash: string;
  readonly parentHash: string;
  readonly from: number;
  readonly to: number;
  readonly dso: string;
  readonly dsoAddress: string;
  readonly term: number;
  readonly mandate: string;
  readonly bodyRoot: string;
  readonly stateRoot: string;
  readonly late: readonly LateView[];
  readonly intervals: readonly SettledView[];
};

type NameOf = (id: MemberId) => string;

/** @param stored as on disk @param block the same, read @param roster names its members @returns the block for people */
export function blockView({ blockHash }: StoredBlock, { header, body }: Block, roster: Roster): BlockView {
  const nameOf: NameOf = (id) => roster.byId.get(id)?.name ?? id;
  return {
    schema: "edso.block/2",
    height: header.height,
    blockHash,
    parentHash: header.parentHash,
    from: header.from,
    to: header.to,
    dso: nameOf(header.dso),
    dsoAddress: header.dso,
    term: header.term,
    mandate: header.mandate,
    bodyRoot: header.bodyRoot,
    stateRoot: header.stateRoot,
    late: body.late.map((entry) => lateView(entry, nameOf)),
    intervals: body.intervals.map((settled) => settledView(settled, nameOf)),
  };
}

function settledView(
  { interval, readings, outcome, compliance, settlement }: SettledInterval,
  nameOf: NameOf,
): SettledView {
  const { signal } = outcome;
  return {
    interval,
    readings: readings.map((signed) => readingView(signed, nameOf)),
    missing: outcome.missing.map(({ member, reason }) => ({ member: nameOf(member), reason })),
    trades: outcome.trades.map(({ from, to, wh }, index) => ({
      from: nameOf(from),
      to: nameOf(to),
      wh: whole(wh),
      money: tradeMoney(settlement?.trades[index]),
    })),
    orders: outcome.orders.map((order) => ({
      member: nameOf(order.member),
      interval: order.interval,
      kind: order.kind,
      maxWh: whole(maxOf(order)),
      curtailedWh: whole(curtailedWh(order)),
    })),
    compliance: compliance.map(({ member, kind, max, measured, acknowledged, result }) => ({
      member: nameOf(member),
      kind,
      maxWh: whole(max),
      measuredWh: measured === null ? null : whole(measured),
      acknowledged,
      result,
    })),
    residuals: outcome.residuals.map(({ member, kind, wh }, index) => ({
      member: nameOf(member),
      kind,
      wh: whole(wh),
      money: residualMoney(settlement?.residuals[index]),
    })),
    signal: {
      excessWh: whole(signal.excess),
      deficitWh: whole(signal.deficit),
      unmetWh: whole(signal.unmet),
      unsoldWh: whole(signal.unsold),
    },
    stop: outcome.stop,
    settlement:
      settlement === null
        ? null
        : { policyVersion: settlement.policyVersion, ineligible: settlement.ineligible.map(nameOf) },
  };
}

function tradeMoney(entry: TradeEntry | undefined): BlockTradeView["money"] {
  if (entry === undefined) return null;
  const { price, paid, received, fee, carbon } = entry;
  return {
    price: `${price}`,
    paid: `${paid}`,
    received: `${received}`,
    fee: `${fee}`,
    carbon: `${carbon}`,
  };
}

function residualMoney(entry: ResidualEntry | undefined): SettledView["residuals"][number]["money"] {
  if (entry === undefined) return null;
  const { price, amount, carbon } = entry;
  return { price: `${price}`, amount: `${amount}`, carbon: `${carbon}` };
}

function lateView({ signed, correction }: LateEntry, nameOf: NameOf): LateView {
  const { content, interval, sequence } = signed.reading;
  return {
    member: nameOf(correction.member),
    from: content.kind === "spanning" ? content.from : interval,
    to: interval,
    sequence,
    against: correction.against,
    generatedWh: whole(correction.generated),
    consumedWh: whole(correction.consumed),
    policyVersion: correction.policyVersion,
    amount: `${correction.amount}`,
  };
}

function readingView({ reading }: SignedReading, nameOf: NameOf): ReadingView {
  const { content } = reading;
  const isMeasured = content.kind === "measured";
  return {
    member: nameOf(reading.member),
    sequence: reading.sequence,
    boot: reading.boot,
    time: reading.time,
    generatedWh: isMeasured ? whole(content.generated) : null,
    consumedWh: isMeasured ? whole(content.consumed) : null,
    positionWh: isMeasured ? whole(content.position) : null,
    reason: content.kind === "missing" ? content.reason : null,
  };
}

/** A household's energy is far below 2^53 Wh. */
function whole(energy: Wh): number {
  return Number(energy);
}
