/**
 * One interval in a block: the signed readings, and what follows from them, one leaf a fact. Everything but the readings
 * is recomputed by whoever judges the block.
 */
import { type Cbor, encode, interval, list, oneOf, tuple } from "../../codec.ts";
import type { IntervalOutcome } from "../../market/balance.ts";
import type { ComplianceEntry } from "../../market/compliance.ts";
import { positionOf } from "../../market/position.ts";
import type { Settlement } from "../../market/settle.ts";
import { cborReading, type SignedReading, signedReading } from "../../metering/reading.ts";
import type { IntervalIndex } from "../../units.ts";
import { cborCompliance, cborOrder, complianceDecoder, orderDecoder } from "../state/orderCodec.ts";
import {
  cborMissing,
  cborResidual,
  cborSignal,
  cborTrade,
  missingDecoder,
  residualDecoder,
  STOPS,
  signalDecoder,
  tradeDecoder,
} from "./outcomeCodec.ts";
import { cborSettlement, settlementDecoder, settlementLeaves } from "./settlementCodec.ts";

/** One interval: the signed readings, and what the market made of them. */
export type SettledInterval = {
  readonly interval: IntervalIndex;
  /** By member id. */
  readonly readings: readonly SignedReading[];
  readonly outcome: IntervalOutcome;
  /** Of every order that bound the interval, by member id. */
  readonly compliance: readonly ComplianceEntry[];
  /** Null without a policy in force: then no coin moves. */
  readonly settlement: Settlement | null;
};

/** No reading and no entry of an interval takes more bytes than these, the money of it included. */
const MOST_BYTES = { reading: 512, entry: 96, money: 192, interval: 128 } as const;

/** @param settled one interval @returns a bound of the bytes it takes in a block, so that a DSO knows when to stop */
export function intervalBytesAtMost(settled: SettledInterval): number {
  const { readings, outcome, compliance, settlement } = settled;
  const { missing, trades, orders, residuals } = outcome;
  const ineligible = settlement?.ineligible ?? [];
  const lists = [missing, trades, orders, residuals, compliance, ineligible];
  const entries = lists.reduce((sum, entry) => sum + entry.length, 0);
  const paid = settlement === null ? 0 : trades.length + residuals.length;
  return (
    MOST_BYTES.interval +
    readings.length * MOST_BYTES.reading +
    entries * MOST_BYTES.entry +
    paid * MOST_BYTES.money
  );
}

/** @param settled one interval @returns its facts as leaves under the root of the body */
export function intervalLeaves({
  interval: at,
  readings,
  outcome,
  compliance,
  settlement,
}: SettledInterval): readonly Uint8Array[] {
  const { signal, stop } = outcome;
  const leaf = (kind: string, fact: Cbor) => encode([kind, at, fact]);
  return [
    leaf("signal", [cborSignal(signal), stop]),
    ...readings.map((reading) => leaf("reading", cborReading(reading))),
    ...outcome.missing.map((missing) => leaf("missing", cborMissing(missing))),
    ...outcome.trades.map((trade) => leaf("trade", cborTrade(trade))),
    ...outcome.orders.map((order) => leaf("order", cborOrder(order))),
    ...outcome.residuals.map((residual) => leaf("residual", cborResidual(residual))),
    ...compliance.map((entry) => leaf("compliance", cborCompliance(entry))),
    ...settlementLeaves(at, settlement),
  ];
}

/** @param settled one interval @returns its place in a block */
export function cborInterval({
  interval: at,
  readings,
  outcome,
  compliance,
  settlement,
}: SettledInterval): Cbor {
  return [
    at,
    readings.map(cborReading),
    outcome.missing.map(cborMissing),
    outcome.trades.map(cborTrade),
    cborSignal(outcome.signal),
    outcome.stop,
    outcome.orders.map(cborOrder),
    outcome.residuals.map(cborResidual),
    compliance.map(cborCompliance),
    cborSettlement(settlement),
  ];
}

/** Decoder of {@link cborInterval}. */
export function intervalDecoder(value: unknown): SettledInterval {
  const [at, readings, missing, trades, signal, stop, orders, residuals, compliance, settlement] = tuple(
    interval,
    list(signedReading, 1_000),
    list(missingDecoder, 1_000),
    list(tradeDecoder, 2_000),
    signalDecoder,
    oneOf(STOPS),
    list(orderDecoder, 1_000),
    list(residualDecoder, 1_000),
    list(complianceDecoder, 1_000),
    settlementDecoder,
  )(value);
  const absent = new Set(missing.map((entry) => entry.member));
  const positions = readings.flatMap(({ reading: { member: id, content } }) =>
    content.kind === "measured" && !absent.has(id)
      ? [positionOf({ member: id, generated: content.generated, consumed: content.consumed })]
      : [],
  );
  return {
    interval: at,
    readings,
    outcome: { interval: at, positions, missing, trades, signal, stop, orders, residuals },
    compliance,
    settlement,
  };
}
