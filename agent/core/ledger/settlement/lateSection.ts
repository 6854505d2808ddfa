/**
 * Late readings of a block: what gateways state about intervals that are closed already. No closed interval changes;
 * the energy is set against an account instead.
 *
 * @source docs/market.md, "Corrections"
 */
import {
  type Cbor,
  count,
  type Decoder,
  integer,
  list,
  MAX_PRICE,
  nullable,
  oneOf,
  signedCoins,
  signedEnergy,
  tuple,
} from "../../codec.ts";
import { isWithinBounds, posted } from "../../market/accounts.ts";
import { connectionBound, policyAt } from "../../market/policy.ts";
import { NO_LATE_MONEY, settleEnergyLate } from "../../market/settleLate.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../../membership/address.ts";
import { coverLate, gapAround, type Piece } from "../../metering/coverage.ts";
import { isPlausible, pieceEnergy, pieceOf } from "../../metering/piece.ts";
import { cborReading, MAX_READING_BYTES, type SignedReading, signedReading } from "../../metering/reading.ts";
import type { ReadingRefusal } from "../../metering/validate.ts";
import { type MicroCoins, microCoins, type PricePerKwh, pricePerKwh, type Wh, wh } from "../../units.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerContext } from "../state/context.ts";
import type { LedgerState, MemberState } from "../state/state.ts";
import { judgeForSettlement } from "./judgeForSettlement.ts";

/** What late energy is set against: the supplier where there is a grid, else what nobody measured in time. */
const ACCOUNTS = ["supplier", "imbalance"] as const;

/** The entry that a late reading gets. */
export type Correction = {
  readonly member: MemberId;
  /** `quarantined` is more than the connection carries: kept in sight, set against nothing. */
  readonly against: (typeof ACCOUNTS)[number] | "quarantined";
  readonly generated: Wh;
  /** May be below 0 by a little, where the readings around took off too much. */
  readonly consumed: Wh;
  /** Of the newest policy that held in its intervals; null where none did, and no coin moves. */
  readonly policyVersion: number | null;
  /** What its energy is settled at, micro-coins per kWh: the worse for the member of all that held. */
  readonly prices: { readonly consumed: PricePerKwh; readonly generated: PricePerKwh };
  /** What the member's account changes by, and the account that it is set against by the contrary. */
  readonly amount: MicroCoins;
};

/** A late reading and what became of it. */
export type LateEntry = { readonly signed: SignedReading; readonly correction: Correction };

/** Codes the late readings of a block are refused with. */
export type LateRefusal = ReadingRefusal | "LATE_TOO_MANY" | "LATE_ORDER" | "LATE_OPEN_INTERVAL";

/** Most late readings of one block: a day of quarters of an hour of five gateways, in less than a gossip frame. */
export const MAX_LATE_PER_BLOCK = 512;
/** Cap and fee at a policy's highest price, and the premium on its heaviest fuel, 100 kg/kWh, at its highest rate. */
const MAX_LATE_PRICE = 102n * MAX_PRICE;
/** Longest encoded entry: a reading, and a correction of at most 92 bytes. */
export const LATE_ENTRY_BYTES = MAX_READING_BYTES + 96;

/**
 * Judges one late reading for the next block.
 *
 * @param context of the epoch
 * @param state before it
 * @param signed the reading
 * @returns the reading, or why it may not be settled late
 */
export function judgeLateReading(
  context: LedgerContext,
  state: LedgerState,
  signed: SignedReading,
): Verdict<SignedReading, LateRefusal> {
  const { interval } = signed.reading;
  if (interval >= state.nextInterval) return reject("LATE_OPEN_INTERVAL", `interval ${interval}`);
  return judgeForSettlement(context, state, signed);
}

/**
 * Judges the late readings that a block lists, in their order, each after those before it.
 *
 * @param context of the epoch
 * @param state after the parent
 * @param late as listed
 * @returns the state after them, or the first fault: too many, out of order, or one that may not be settled
 */
export function judgeLate(
  context: LedgerContext,
  state: LedgerState,
  late: readonly SignedReading[],
): Verdict<LedgerState, LateRefusal> {
  if (late.length > MAX_LATE_PER_BLOCK) return reject("LATE_TOO_MANY", `${late.length}`);
  let after = state;
  for (const [index, signed] of late.entries()) {
    const previous = late[index - 1];
    if (previous !== undefined && byMemberAndTime(previous, signed) >= 0)
      return reject("LATE_ORDER", signed.reading.member);
    const judged = judgeLateReading(context, after, signed);
    if (judged.kind !== "accept") return judged;
    after = settleLate(context, after, signed).state;
  }
  return accept(after);
}

/**
 * Settles one late reading.
 *
 * @param context of the epoch
 * @param state before it
 * @param signed accepted by {@link judgeLateReading}
 * @returns its entry, and the state after it
 * @throws RangeError when it was not accepted
 */
export function settleLate(
  context: LedgerContext,
  state: LedgerState,
  signed: SignedReading,
): { readonly entry: LateEntry; readonly state: LedgerState } {
  const { reading } = signed;
  const { genesis, roster } = context;
  const member = roster.byId.get(reading.member);
  const before = state.members.get(reading.member);
  const from = reading.content.kind === "spanning" ? reading.content.from : reading.interval;
  const gap = before === undefined ? undefined : gapAround(before.coverage, from, reading.interval);
  const piece = member === undefined || gap === undefined ? null : pieceOf(reading, member, gap);
  if (member === undefined || before === undefined || piece === null)
    throw new RangeError(`a late reading of ${reading.member} was settled unjudged`);
  const boundWh = connectionBound(genesis, policyAt(state.policies, reading.interval), member);
  const usual = genesis.mode === "islanded" ? "imbalance" : "supplier";
  const against = isPlausible(reading, member, piece, boundWh) ? usual : "quarantined";
  const energy = { member: member.id, against, ...pieceEnergy(reading, member, piece) } as const;
  const late = lateMoney(state, energy, piece);
  const correction: Correction = { ...energy, ...late.entry };
  const after: MemberState = {
    coverage: coverLate(before.coverage, piece, state.nextInterval),
    totals: corrected(before.totals, correction),
    sequence: Math.max(before.sequence, reading.sequence),
  };
  return {
    entry: { signed, correction },
    state: { ...state, members: new Map(state.members).set(member.id, after), money: late.money },
  };
}

/** @param left a late reading @param right another @returns below 0 when `left` comes first: by member id, then by time */
export function byMemberAndTime(left: SignedReading, right: SignedReading): number {
  const [one, other] = [left.reading, right.reading];
  if (one.member !== other.member) return one.member < other.member ? -1 : 1;
  return one.interval - other.interval;
}

/** @param entry of a block @returns its place in a message */
export function cborLate({ signed, correction }: LateEntry): Cbor {
  return [cborReading(signed), cborCorrection(correction)];
}

/** @param correction of a late reading @returns its place in a message */
export function cborCorrection(correction: Correction): Cbor {
  const { member, against, generated, consumed, policyVersion, prices, amount } = correction;
  return [
    memberIdBytes(member),
    against,
    generated,
    consumed,
    policyVersion,
    [prices.consumed, prices.generated],
    amount,
  ];
}

/** Decoder of the late section. */
export const lateDecoder = list((value: unknown): LateEntry => {
  const [signed, correction] = tuple(signedReading, correctionDecoder)(value);
  return { signed, correction };
}, MAX_LATE_PER_BLOCK);

const latePrice: Decoder<PricePerKwh> = (value) => pricePerKwh(integer(0n, MAX_LATE_PRICE)(value));

function correctionDecoder(value: unknown): Correction {
  const [member, against, generated, consumed, policyVersion, [forConsumed, forGenerated], amount] = tuple(
    memberDecoder,
    oneOf([...ACCOUNTS, "quarantined"]),
    signedEnergy,
    signedEnergy,
    nullable(count()),
    tuple(latePrice, latePrice),
    signedCoins,
  )(value);
  const prices = { consumed: forConsumed, generated: forGenerated };
  return { member, against, generated, consumed, policyVersion, prices, amount };
}

type CorrectedEnergy = Pick<Correction, "member" | "against" | "generated" | "consumed">;

/** Quarantined energy moves no coin, nor does any where an account would leave 64 bits. */
function lateMoney(
  { money, policies }: LedgerState,
  { member, against, ...energy }: CorrectedEnergy,
  { from, to }: Piece,
): {
  readonly entry: Pick<Correction, "policyVersion" | "prices" | "amount">;
  readonly money: LedgerState["money"];
} {
  const settled = against === "quarantined" ? NO_LATE_MONEY : settleEnergyLate(policies, from, to, energy);
  const { amount } = settled;
  if (against === "quarantined" || amount === 0n) return { entry: settled, money };
  if (!isWithinBounds(amount)) return { entry: NO_LATE_MONEY, money };
  const after = posted(money, [
    { account: member, amount },
    { account: against, amount: microCoins(-amount) },
  ]);
  return after === null ? { entry: NO_LATE_MONEY, money } : { entry: settled, money: after };
}

function corrected(
  totals: MemberState["totals"],
  { against, generated, consumed }: Correction,
): MemberState["totals"] {
  const key = against === "quarantined" ? "quarantined" : "corrected";
  const before = totals[key];
  return {
    ...totals,
    [key]: {
      generated: wh(before.generated + generated),
      consumed: wh(before.consumed + consumed),
    },
  };
}
