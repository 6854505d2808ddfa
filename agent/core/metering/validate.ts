/**
 * What a reading from anywhere must satisfy before it is forwarded, and before it is settled.
 * Each refusal names its rule; [REJECT] blames the sender, [IGNORE] does not.
 */
import type { GenesisBody } from "../membership/genesis.ts";
import type { Roster, RosterMember } from "../membership/roster.ts";
import type { Verify } from "../signature.ts";
import type { IntervalIndex, Wh } from "../units.ts";
import { accept, ignore, type Refusal, reject, type Verdict } from "../verdict.ts";
import { energyOf, hasFallen, plausibleWh, type Registers, registerCount, spansOf } from "./energy.ts";
import { boundaryToleranceMs } from "./interval.ts";
import { type Measured, readingId, readingSignBytes, type SignedReading } from "./reading.ts";

/** Codes a reading is refused with. */
export type ReadingRefusal =
  | "NOT_IN_ROSTER"
  | "BAD_SIGNATURE"
  | "READING_BEFORE_FIRST"
  | "READING_METERS"
  | "READING_OFF_BOUNDARY"
  | "READING_INCONSISTENT"
  | "READING_REPLAYED"
  | "READING_CLOSED_INTERVAL"
  | "READING_REGISTERS";

/** What the ledger remembers of a member's last settled reading. */
export type LastReading = {
  readonly interval: IntervalIndex;
  readonly sequence: number;
  /** Registers per meter at the end of the last measured interval; empty before the first. */
  readonly registers: readonly Registers[];
  /** The interval that `registers` closed; null before the first measured one. */
  readonly measuredInterval: IntervalIndex | null;
  readonly carry: Wh;
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
  // [REJECT] only enrolled keys sign readings
  if (member === undefined) return reject("NOT_IN_ROSTER", reading.member);
  // [REJECT] the signature binds chain, epoch and every field
  if (!verify(member.publicKey, readingSignBytes(reading, roster.chainId, roster.epoch), signature)) {
    return reject("BAD_SIGNATURE", reading.member);
  }
  // [REJECT] nothing was measured for this ledger before it began
  if (reading.interval < genesis.firstInterval) return reject("READING_BEFORE_FIRST");
  if (reading.content.kind === "missing") return accept(signed);
  const fault = measuredFault(reading.content, member, genesis);
  return fault ?? accept(signed);
}

/**
 * Judges a reading against what the ledger holds of its member.
 *
 * @param signed accepted by {@link judgeReading}
 * @param last the member's last settled reading; null before the first
 */
export function judgeSuccession(
  signed: SignedReading,
  last: LastReading | null,
): Verdict<SignedReading, ReadingRefusal> {
  if (last === null) return accept(signed);
  const { reading } = signed;
  // [IGNORE] an honest late copy looks the same as a replay
  if (reading.sequence <= last.sequence) return ignore("READING_REPLAYED", `sequence ${reading.sequence}`);
  // [IGNORE] closed intervals never change
  if (reading.interval <= last.interval)
    return ignore("READING_CLOSED_INTERVAL", `interval ${reading.interval}`);
  if (reading.content.kind === "missing") return accept(signed);
  // [IGNORE] the interval after a measured one starts with the registers that closed it
  if (!continues(reading.content, reading.interval, last)) return ignore("READING_REGISTERS", reading.member);
  return accept(signed);
}

/** @param left a reading @param right another @returns true for two different statements of one member on one interval */
export function contradicts(left: SignedReading, right: SignedReading): boolean {
  return (
    left.reading.member === right.reading.member &&
    left.reading.interval === right.reading.interval &&
    readingId(left.reading) !== readingId(right.reading)
  );
}

/** @param member of the roster @returns registers that its readings must carry, per enrolled meter */
export function expectedRegisters(member: RosterMember): readonly number[] {
  return member.meters.map((meter) => registerCount(meter.role));
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
  // [REJECT] receivers compute E_G, E_C and the position from the registers again
  const spans = spansOf(member, measured);
  const boundWh = plausibleWh(member.connectionRatingW, genesis.intervalMs, genesis.timeLapse);
  if (spans.some(hasFallen) || measured.carryIn > 0n || measured.carryIn < -boundWh)
    return reject("READING_INCONSISTENT", member.id);
  const computed = energyOf(spans, measured.carryIn);
  const agrees =
    computed.generated === measured.generated &&
    computed.consumed === measured.consumed &&
    measured.position === measured.generated - measured.consumed;
  return agrees ? undefined : reject("READING_INCONSISTENT", member.id);
}

function carriesEnrolledMeters(measured: Measured, member: RosterMember): boolean {
  const expected = expectedRegisters(member);
  return (
    measured.meters.length === expected.length &&
    measured.meters.every(
      (meter, index) =>
        meter.meter === index &&
        meter.start.length === expected[index] &&
        meter.end.length === expected[index],
    )
  );
}

/** After a gap the registers may start anywhere: a reset or a new meter begins a new base segment. */
function continues(measured: Measured, interval: IntervalIndex, last: LastReading): boolean {
  if (last.measuredInterval === null || interval !== last.measuredInterval + 1) return true;
  if (measured.carryIn !== last.carry) return false;
  return last.registers.every((registers, meter) =>
    registers.every((value, place) => measured.meters[meter]?.start[place] === value),
  );
}
