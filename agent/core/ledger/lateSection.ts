/**
 * Late readings of a block: what gateways state about intervals that are closed already. No closed interval changes;
 * the energy is set against an account instead.
 *
 * @source docs/market.md, "Corrections"
 */
import { type Cbor, list, oneOf, signedEnergy, tuple } from "../codec.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../membership/address.ts";
import { coverLate, gapAround } from "../metering/coverage.ts";
import { plausibleWh } from "../metering/energy.ts";
import { isPlausible, pieceEnergy, pieceOf } from "../metering/piece.ts";
import { cborReading, MAX_READING_BYTES, type SignedReading, signedReading } from "../metering/reading.ts";
import type { ReadingRefusal } from "../metering/validate.ts";
import { type Wh, wh } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { LedgerContext } from "./context.ts";
import { judgeForSettlement } from "./judgeForSettlement.ts";
import type { LedgerState, MemberState } from "./state.ts";

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
};

/** A late reading and what became of it. */
export type LateEntry = { readonly signed: SignedReading; readonly correction: Correction };

/** Codes the late readings of a block are refused with. */
export type LateRefusal = ReadingRefusal | "LATE_TOO_MANY" | "LATE_ORDER" | "LATE_OPEN_INTERVAL";

/** Most late readings of one block: a day of quarters of an hour of five gateways, in less than a gossip frame. */
export const MAX_LATE_PER_BLOCK = 512;
/** Longest encoded entry: a reading, and a correction of at most 60 bytes. */
export const LATE_ENTRY_BYTES = MAX_READING_BYTES + 64;

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
  const boundWh = plausibleWh(member.connectionRatingW, genesis.intervalMs, genesis.timeLapse);
  const usual = genesis.mode === "islanded" ? "imbalance" : "supplier";
  const correction: Correction = {
    member: member.id,
    against: isPlausible(reading, member, piece, boundWh) ? usual : "quarantined",
    ...pieceEnergy(reading, member, piece),
  };
  const after: MemberState = {
    coverage: coverLate(before.coverage, piece, state.nextInterval),
    totals: corrected(before.totals, correction),
    sequence: Math.max(before.sequence, reading.sequence),
  };
  return {
    entry: { signed, correction },
    state: { ...state, members: new Map(state.members).set(member.id, after) },
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
export function cborCorrection({ member, against, generated, consumed }: Correction): Cbor {
  return [memberIdBytes(member), against, generated, consumed];
}

/** Decoder of the late section. */
export const lateDecoder = list((value: unknown): LateEntry => {
  const [signed, correction] = tuple(signedReading, correctionDecoder)(value);
  return { signed, correction };
}, MAX_LATE_PER_BLOCK);

function correctionDecoder(value: unknown): Correction {
  const [member, against, generated, consumed] = tuple(
    memberDecoder,
    oneOf([...ACCOUNTS, "quarantined"]),
    signedEnergy,
    signedEnergy,
  )(value);
  return { member, against, generated, consumed };
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
