/** The intervals of test/vectors/marketIntervals.ts as both markets take them, and their outcome as both should encode it. */
import { type Cbor, encode } from "../../agent/core/codec.ts";
import { hashOf } from "../../agent/core/hash.ts";
import type { OrderKind } from "../../agent/core/market/curtail.ts";
import { memberIdBytes } from "../../agent/core/membership/address.ts";
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { GridMode } from "../../agent/core/membership/genesis.ts";
import { energyOf } from "../../agent/core/metering/energy.ts";
import { cborReading, MISSING_REASONS, type Reading } from "../../agent/core/metering/reading.ts";
import { intervalIndex, wh } from "../../agent/core/units.ts";
import type { HandInterval, HandMember, Letter } from "../vectors/marketIntervals.ts";
import { type DrawnInterval, metersOf } from "./drawInterval.ts";
import { cborAccountsByHand, cborSettlementByHand, idOf, termsByHand } from "./handTerms.ts";
import { readingsOf } from "./settleFirst.ts";

/** Of every street that is worked by hand. */
export const USUAL = { ratingW: 11_000, intervalMs: 900_000, timeLapse: 1 } as const;
const SEED_BYTES = 32;
/** On every register at the interval's start. */
const FIRST_REGISTER = 1_000n;

/** @param hand one interval @returns it as it is settled */
export function drawnByHand(hand: HandInterval): DrawnInterval {
  const interval = intervalIndex(hand.interval);
  return {
    interval,
    mode: hand.mode,
    seed: new Uint8Array(SEED_BYTES),
    intervalMs: USUAL.intervalMs,
    timeLapse: hand.timeLapse ?? USUAL.timeLapse,
    members: hand.members.map((member) => ({
      id: idOf(member.member),
      area: "street",
      meters: metersOf(
        typeof member.did === "string" ? ["consumption"] : (Object.keys(member.did) as MeterRole[]),
        member.fuel ?? "solar",
      ),
      ratingW: member.ratingW ?? USUAL.ratingW,
      content: contentByHand(member),
    })),
    orders: hand.standing.map(([member, max, wanted, acknowledged = false]) => ({
      member: idOf(member),
      kind: kindIn(hand.mode),
      max: wh(max),
      wanted: wh(wanted),
      acknowledged,
      isOfSameBlock: false,
    })),
    ...termsByHand(hand),
  };
}

/** @param hand one interval @returns the bytes that both markets have to come to */
export function encodedByHand(hand: HandInterval): Uint8Array {
  const { missing, trades, signal, stop, orders, residuals, compliance, settlement, accounts } =
    hand.expected;
  const kind = kindIn(hand.mode);
  const about = ([member, ...rest]: readonly [Letter, ...Cbor[]]): Cbor => [
    memberIdBytes(idOf(member)),
    ...rest,
  ];
  const interval = [
    hand.interval,
    readingsOf(drawnByHand(hand)).map(cborReading),
    missing.map(about),
    trades.map(([from, to, energy]) => [memberIdBytes(idOf(from)), memberIdBytes(idOf(to)), energy]),
    signal,
    stop,
    orders.map(([member, ...rest]) => about([member, kind, ...rest])),
    residuals.map(about),
    (compliance ?? []).map(([member, ...rest]) => about([member, kind, ...rest])),
    cborSettlementByHand(settlement),
  ];
  return encode([interval, cborAccountsByHand(accounts ?? [])]);
}

function kindIn(mode: GridMode): OrderKind {
  return mode === "islanded" ? "consumption" : "generation";
}

/** @param member of a street @returns what it states; null when it is silent */
export function contentByHand({ did }: HandMember): Reading["content"] | null {
  if (typeof did === "string") {
    const reason = MISSING_REASONS.find((known) => known === did);
    return reason === undefined ? null : { kind: "missing", reason };
  }
  const spans = Object.entries(did).map(([role, advances]) => ({
    role: role as MeterRole,
    start: advances.map(() => wh(FIRST_REGISTER)),
    end: advances.map((advance) => wh(FIRST_REGISTER + advance)),
  }));
  const { generated, consumed } = energyOf(spans, wh(0n));
  return {
    kind: "measured",
    startOffsetMs: 0,
    endOffsetMs: 0,
    meters: spans.map(({ start, end }, meter) => ({ meter, start, end, resolutionMilliWh: 1_000 })),
    carryIn: wh(0n),
    generated,
    consumed,
    position: wh(generated - consumed),
    framesHash: hashOf(new Uint8Array()),
  };
}
