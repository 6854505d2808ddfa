/** The properties of registers and late readings that the market rests on, as the campaign runs them. */
import fc from "fast-check";
import { decode, encode } from "../../agent/core/codec.ts";
import { ROLE_SETS } from "../../agent/core/membership/enrolment.ts";
import {
  type Coverage,
  cborCoverage,
  closeInterval,
  coverageDecoder,
  coverLate,
  type Edge,
  follows,
  gapAround,
  joins,
  NOTHING_CLOSED,
  type Piece,
} from "../../agent/core/metering/coverage.ts";
import {
  energyOf,
  hasFallen,
  type MeterSpan,
  registerCount,
  spannedEnergy,
} from "../../agent/core/metering/energy.ts";
import { intervalIndex, type Wh, wh } from "../../agent/core/units.ts";
import { type CampaignProperty, property } from "./campaignProperty.ts";

const MOST_INTERVALS = 8;
const SCALES = [1, 5, 2_000, 2 ** 40] as const;
const MOST_STATE_BYTES = 65_536;

/**
 * @returns energy is the difference of registers that only rise: never negative, carried and not lost, the same over a
 *   span as over its intervals; and a register that falls is seen
 */
export function registersMonotone(): CampaignProperty {
  const drawn = fc.record({
    roles: fc.constantFrom(...ROLE_SETS),
    scale: fc.constantFrom(...SCALES),
    advances: fc.array(fc.array(fc.nat(2 ** 30), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: MOST_INTERVALS,
    }),
    falls: fc.nat(2),
    cut: fc.nat(MOST_INTERVALS),
  });
  return property(drawn, ({ roles, scale, advances, falls, cut }) => {
    const intervals = advances.map((drawnRow) => drawnRow.map((value) => BigInt(value % (scale + 1))));
    const until = (end: number, place: number) =>
      1_000n + intervals.slice(0, end).reduce((sum, row) => sum + (row[place % row.length] ?? 0n), 0n);
    const spansOf = (from: number, to: number): readonly MeterSpan[] =>
      roles.map((role, meter) => {
        const at = (end: number) =>
          Array.from({ length: registerCount(role) }, (_, register) => wh(until(end, meter + register)));
        return { role, start: at(from), end: at(to) };
      });
    const found: string[] = [];
    let carry = wh(0n);
    const carries: Wh[] = [carry];
    const sums = { generated: 0n, consumed: 0n };
    const past: { readonly generated: bigint; readonly consumed: bigint }[] = [{ ...sums }];
    for (let at = 0; at < intervals.length; at += 1) {
      const energy = energyOf(spansOf(at, at + 1), carry);
      if (energy.generated < 0n || energy.consumed < 0n || energy.carry > 0n) found.push("energy-negative");
      carry = energy.carry;
      carries.push(carry);
      sums.generated += energy.generated;
      sums.consumed += energy.consumed;
      past.push({ ...sums });
    }
    const whole = totalsOf(spansOf(0, intervals.length));
    if (sums.generated !== whole.generated || sums.consumed + carry !== whole.consumed)
      found.push("registers-not-accounted");
    const from = Math.min(cut, intervals.length - 1);
    const span = spannedEnergy(spansOf(from, intervals.length), carries[from]!, carry);
    if (
      span.generated !== sums.generated - past[from]!.generated ||
      span.consumed !== sums.consumed - past[from]!.consumed
    )
      found.push("span-differs");
    const fallen = spansOf(0, intervals.length).map((one, meter) =>
      meter === falls % roles.length ? { ...one, end: one.end.map((value) => wh(value - value - 1n)) } : one,
    );
    if (!fallen.some(hasFallen) || spansOf(0, intervals.length).some(hasFallen)) found.push("fall-not-seen");
    return found;
  });
}

/** @returns whatever is replayed, at once or later, over the wire or from a stored state, settles nothing again */
export function replayIdempotent(): CampaignProperty {
  const attempt = fc.record({ kind: fc.nat(3), from: fc.nat(9), length: fc.nat(3) });
  const drawn = fc.record({
    advances: fc.array(fc.nat(3), { minLength: 14, maxLength: 14 }),
    attempts: fc.array(attempt, { maxLength: 24 }),
  });
  return property(drawn, ({ advances, attempts }) => {
    const register = (at: number) => advances.slice(0, at).reduce((sum, value) => sum + value, 0);
    const pieceOf = (from: number, to: number): Piece => ({
      from: intervalIndex(from),
      to: intervalIndex(to),
      start: edgeAt(register(from)),
      end: edgeAt(register(to + 1)),
    });
    let coverage: Coverage = NOTHING_CLOSED;
    let next = 0;
    const settled: Piece[] = [];
    for (const { kind, from, length } of attempts) {
      if (kind === 0 && next < 10) {
        const piece = from % 3 === 0 ? null : pieceOf(next, next);
        const isTaken = piece !== null && follows(coverage, intervalIndex(next), piece);
        if (isTaken) settled.push(piece);
        coverage = closeInterval(coverage, intervalIndex(next), isTaken ? piece : null, intervalIndex(0));
        next += 1;
        continue;
      }
      const late = pieceOf(from, Math.min(9, from + length));
      if (!isOpen(coverage, late)) continue;
      settled.push(late);
      coverage = coverLate(coverage, late, intervalIndex(next));
    }
    const stored = decode(encode(cborCoverage(coverage)), coverageDecoder, MOST_STATE_BYTES);
    const again = settled.filter(
      (piece) => isOpen(coverage, piece) || stored.kind !== "accept" || isOpen(stored.value, piece),
    );
    const counted = settled.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, place) => from + place),
    );
    return [
      ...(again.length > 0 ? ["settled-again"] : []),
      ...(new Set(counted).size === counted.length ? [] : ["interval-twice"]),
    ];
  });
}

function isOpen(coverage: Coverage, piece: Piece): boolean {
  const gap = gapAround(coverage, piece.from, piece.to);
  return gap !== undefined && joins(gap, piece);
}

function edgeAt(register: number): Edge {
  return { registers: [[wh(BigInt(register))]], carry: wh(0n) };
}

/** E_G and E_C by the table of docs/market.md, "Quantities", with nothing clamped. */
function totalsOf(spans: readonly MeterSpan[]): { readonly generated: bigint; readonly consumed: bigint } {
  const of = (role: MeterSpan["role"], register: number) => {
    const span = spans.find((one) => one.role === role);
    return span === undefined ? null : span.end[register]! - span.start[register]!;
  };
  const [made, used, imported, exported] = [
    of("generation", 0),
    of("consumption", 0),
    of("grid", 0),
    of("grid", 1),
  ];
  if (imported === null || exported === null) return { generated: made ?? 0n, consumed: used ?? 0n };
  if (made === null) return { generated: exported, consumed: imported };
  return { generated: made, consumed: made - exported + imported };
}
