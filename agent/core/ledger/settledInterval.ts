/**
 * One interval in a block: the signed readings, and what follows from them, one leaf a fact. Everything but the readings
 * is recomputed by whoever judges the block.
 */
import { type Cbor, encode, energy, interval, list, oneOf, text, tuple } from "../codec.ts";
import type {
  IntervalOutcome,
  MissingMember,
  Residual,
  Signal,
  StopReason,
  Trade,
} from "../market/balance.ts";
import type { ComplianceEntry } from "../market/compliance.ts";
import { positionOf } from "../market/position.ts";
import { memberDecoder, memberIdBytes } from "../membership/address.ts";
import { cborReading, type SignedReading, signedReading } from "../metering/reading.ts";
import type { IntervalIndex } from "../units.ts";
import { cborCompliance, cborOrder, complianceDecoder, orderDecoder } from "./orderCodec.ts";

/** One interval: the signed readings, and what the market made of them. */
export type SettledInterval = {
  readonly interval: IntervalIndex;
  /** By member id. */
  readonly readings: readonly SignedReading[];
  readonly outcome: IntervalOutcome;
  /** Of every order that bound the interval, by member id. */
  readonly compliance: readonly ComplianceEntry[];
};

/** No reading, trade, order, residual, compliance or missing entry of an interval takes more bytes than these. */
const MOST_BYTES = { reading: 512, entry: 96, interval: 96 } as const;

const STOPS = ["no-deficit", "no-excess", "balanced"] as const satisfies readonly StopReason[];

/** @param settled one interval @returns a bound of the bytes it takes in a block, so that a DSO knows when to stop */
export function intervalBytesAtMost({ readings, outcome, compliance }: SettledInterval): number {
  const { missing, trades, orders, residuals } = outcome;
  const entries = missing.length + trades.length + orders.length + residuals.length + compliance.length;
  return MOST_BYTES.interval + readings.length * MOST_BYTES.reading + entries * MOST_BYTES.entry;
}

/** @param settled one interval @returns its facts as leaves under the root of the body */
export function intervalLeaves({
  interval: at,
  readings,
  outcome,
  compliance,
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
  ];
}

/** @param settled one interval @returns its place in a block */
export function cborInterval({ interval: at, readings, outcome, compliance }: SettledInterval): Cbor {
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
  ];
}

/** Decoder of {@link cborInterval}. */
export function intervalDecoder(value: unknown): SettledInterval {
  const [at, readings, missing, trades, signal, stop, orders, residuals, compliance] = tuple(
    interval,
    list(signedReading, 1_000),
    list(missingDecoder, 1_000),
    list(tradeDecoder, 2_000),
    signalDecoder,
    oneOf(STOPS),
    list(orderDecoder, 1_000),
    list(residualDecoder, 1_000),
    list(complianceDecoder, 1_000),
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
  };
}

function cborSignal(signal: Signal): Cbor {
  return [signal.excess, signal.deficit, signal.unmet, signal.unsold];
}

function cborTrade(trade: Trade): Cbor {
  return [memberIdBytes(trade.from), memberIdBytes(trade.to), trade.wh];
}

function cborMissing(missing: MissingMember): Cbor {
  return [memberIdBytes(missing.member), missing.reason];
}

function cborResidual(residual: Residual): Cbor {
  return [memberIdBytes(residual.member), residual.kind, residual.wh];
}

function missingDecoder(value: unknown): MissingMember {
  const [id, reason] = tuple(memberDecoder, text(32))(value);
  return { member: id, reason };
}

function tradeDecoder(value: unknown): Trade {
  const [from, to, amount] = tuple(memberDecoder, memberDecoder, energy)(value);
  return { from, to, wh: amount };
}

function signalDecoder(value: unknown): Signal {
  const [excess, deficit, unmet, unsold] = tuple(energy, energy, energy, energy)(value);
  return { excess, deficit, unmet, unsold };
}

function residualDecoder(value: unknown): Residual {
  const [id, kind, amount] = tuple(memberDecoder, oneOf(["bought", "fed-in"] as const), energy)(value);
  return { member: id, kind, wh: amount };
}
