/**
 * What a reading from anywhere must satisfy before it is forwarded, and before it is settled.
 * Each refusal names its rule; [REJECT] blames the sender, [IGNORE] does not.
 */
import type { GenesisBody } from "../membership/genesis.ts";
import type { Roster, RosterMember } from "../membership/roster.ts";
import type { Verify } from "../signature.ts";
import type { IntervalIndex } from "../units.ts";
import { accept, ignore, type Refusal, reject, type Verdict } from "../verdict.ts";
import { type Coverage, follows, gapAround, joins } from "./coverage.ts";
import { canCarry, energyOf, hasFallen, plausibleWh, registerCount, spansOf } from "./energy.ts";
import { boundaryToleranceMs } from "./interval.ts";
import { pieceOf } from "./piece.ts";
import {
  type Measured,
  type MeterRegisters,
  type Reading,
  readingId,
  readingSignBytes,
  type SignedReading,
  type Spanning,
} from "./reading.ts";

/** Codes a reading is refused with. */
export type ReadingRefusal =
  | "NOT_IN_ROSTER"
  | "BAD_SIGNATURE"
  | "READING_BEFORE_FIRST"
  | "READING_UNPLACED"
  | "READING_METERS"
  | "READING_OFF_BOUNDARY"
  | "READING_INCONSISTENT"
  | "READING_SETTLED"
  | "READING_CLOSED_INTERVAL"
  | "READING_OPEN_INTERVAL"
  | "READING_REGISTERS";

/** What the ledger knows of a member when its reading is judged. */
export type Standing = {
  /** The oldest interval that no block has closed. */
  readonly nextInterval: IntervalIndex;
  readonly coverage: Coverage;
};

/**
 * Judges a reading by itself: author, signature, meters, arithmetic.
 *
 * @param signed as decoded
 * @param roster who may sign
 * @param genesis interval length and first interval
 * @param verify judges the signature
 */
export function judgeReading(
  signed: SignedReading,
  roster: Roster,
  genesis: GenesisBody,
  verify: Verify,
): Verdict<SignedReading, ReadingRefusal> {
  const { reading, signature } = signed;
  const member = roster.byId.get(reading.member);
  // [IGNORE] only members sign readings; another gateway's ledger may know of one that came or left, and has passed it on
  if (member === undefined) return ignore("NOT_IN_ROSTER", reading.member);
  // [REJECT] the signature binds chain, epoch and every field
  if (!verify(member.publicKey, readingSignBytes(reading, roster.chainId, roster.epoch), signature)) {
    return reject("BAD_SIGNATURE", reading.member);
  }
  // [IGNORE] boot and sequence order it among its author's, but nobody has said yet in which interval it belongs
  if (reading.time === "relative") return ignore("READING_UNPLACED", reading.member);
  // [REJECT] nothing was measured for this ledger before it began
  if (reading.interval < genesis.firstInterval) return reject("READING_BEFORE_FIRST");
  const fault = contentFault(reading, member, genesis);
  return fault ?? accept(signed);
}

/**
 * Judges a reading against what the ledger holds of its member. What its interval is, open or closed, decides how:
 * an open one is settled by the block that closes it, a closed one as a correction, in either case only once.
 *
 * @param signed accepted by {@link judgeReading}
 * @param member its author
 * @param standing of its author
 */
export function judgeSuccession(
  signed: SignedReading,
  member: RosterMember,
  standing: Standing,
): Verdict<SignedReading, ReadingRefusal> {
  const { interval } = signed.reading;
  if (interval < standing.nextInterval) return judgeLate(signed, member, standing);
  const { kind } = signed.reading.content;
  // [IGNORE] a gap is spanned when it is closed; whoever says so earlier is perhaps only ahead of this ledger
  if (kind === "spanning") return ignore("READING_OPEN_INTERVAL", `interval ${interval}`);
  const piece = pieceOf(signed.reading, member, null);
  if (piece === null || interval > standing.nextInterval) return accept(signed);
  // [IGNORE] the interval after a settled one starts with the registers that closed it
  return follows(standing.coverage, interval, piece)
    ? accept(signed)
    : ignore("READING_REGISTERS", placeOf(signed));
}

function judgeLate(
  signed: SignedReading,
  member: RosterMember,
  { coverage }: Standing,
): Verdict<SignedReading, ReadingRefusal> {
  const { content, interval } = signed.reading;
  const from = content.kind === "spanning" ? content.from : interval;
  const gap = gapAround(coverage, from, interval);
  // [IGNORE] settled, or given up: an honest copy looks the same as a replay
  if (gap === undefined) return ignore("READING_SETTLED", placeOf(signed));
  const piece = pieceOf(signed.reading, member, gap);
  // [IGNORE] it states no energy, and the interval is closed without it
  if (piece === null) return ignore("READING_CLOSED_INTERVAL", placeOf(signed));
  const isAnchored = content.kind !== "spanning" || (from === gap.from && gap.before !== null);
  // [IGNORE] late energy joins the settled registers that it touches, and a span begins at such
  return isAnchored && joins(gap, piece) ? accept(signed) : ignore("READING_REGISTERS", placeOf(signed));
}

/**
 * Tells a contradiction. Spans never are one: the ledger names their ends, and a gateway that lost its outbox may sign
 * the same again under another number; whichever fits the gap is settled.
 *
 * @param left a reading
 * @param right another
 * @returns true for two different statements of one member on one interval
 */
export function contradicts(left: SignedReading, right: SignedReading): boolean {
  return (
    left.reading.member === right.reading.member &&
    left.reading.interval === right.reading.interval &&
    !isSpanning(left) &&
    !isSpanning(right) &&
    readingId(left.reading) !== readingId(right.reading)
  );
}

/** @param signed a reading @returns true for one that states several closed intervals at once */
export function isSpanning({ reading: { content } }: SignedReading): boolean {
  return content.kind === "spanning";
}

/** @param member of the roster @returns registers that its readings must carry, per enrolled meter */
export function expectedRegisters(member: RosterMember): readonly number[] {
  return member.meters.map((meter) => registerCount(meter.role));
}

function contentFault(
  { content, interval }: Reading,
  member: RosterMember,
  genesis: GenesisBody,
): Refusal<ReadingRefusal> | undefined {
  switch (content.kind) {
    case "missing":
      return undefined;
    case "measured":
      return measuredFault(content, member, genesis);
    case "spanning":
      return spanningFault(content, interval, member, genesis);
    default:
      return content satisfies never;
  }
}

function spanningFault(
  spanning: Spanning,
  to: IntervalIndex,
  member: RosterMember,
  genesis: GenesisBody,
): Refusal<ReadingRefusal> | undefined {
  // [REJECT] exactly the enrolled meters, as in a measured reading
  if (!carriesEnrolledMeters(spanning, member)) return reject("READING_METERS", member.id);
  // [REJECT] nothing was measured for this ledger before it began
  if (spanning.from < genesis.firstInterval) return reject("READING_BEFORE_FIRST");
  // [REJECT] a span has a first and a last interval, and what falls between them was reset
  const isInconsistent = spanning.from > to || spansOf(member, spanning).some(hasFallen);
  return isInconsistent ? reject("READING_INCONSISTENT", member.id) : undefined;
}

function measuredFault(
  measured: Measured,
  member: RosterMember,
  genesis: GenesisBody,
): Refusal<ReadingRefusal> | undefined {
  // [REJECT] exactly the enrolled meters, in their order, with the registers of their role
  if (!carriesEnrolledMeters(measured, member)) return reject("READING_METERS", member.id);
  // [REJECT] boundary samples lie at the boundary
  const toleranceMs = boundaryToleranceMs(genesis.intervalMs);
  if (Math.abs(measured.startOffsetMs) > toleranceMs || Math.abs(measured.endOffsetMs) > toleranceMs) {
    return reject("READING_OFF_BOUNDARY", member.id);
  }
  // [REJECT] receivers compute E_G, E_C and the position from the registers again; only skew between meters is carried
  const spans = spansOf(member, measured);
  const boundWh = plausibleWh(member.connectionRatingW, genesis.intervalMs, genesis.timeLapse);
  const leastCarry = canCarry(spans) ? -boundWh : 0n;
  if (spans.some(hasFallen) || measured.carryIn > 0n || measured.carryIn < leastCarry)
    return reject("READING_INCONSISTENT", member.id);
  const computed = energyOf(spans, measured.carryIn);
  const agrees =
    computed.generated === measured.generated &&
    computed.consumed === measured.consumed &&
    measured.position === measured.generated - measured.consumed;
  return agrees ? undefined : reject("READING_INCONSISTENT", member.id);
}

function carriesEnrolledMeters(
  { meters }: { readonly meters: readonly MeterRegisters[] },
  member: RosterMember,
): boolean {
  const expected = expectedRegisters(member);
  return (
    meters.length === expected.length &&
    meters.every(
      (meter, index) =>
        meter.meter === index &&
        meter.start.length === expected[index] &&
        meter.end.length === expected[index],
    )
  );
}

function placeOf({ reading: { member, interval } }: SignedReading): string {
  return `${member}, interval ${interval}`;
}
