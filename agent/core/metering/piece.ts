/** What a reading covers of its member's intervals, and how much energy it settles. */
import type { RosterMember } from "../membership/roster.ts";
import { intervalIndex, type Wh, wh } from "../units.ts";
import { type Edge, type Gap, isSwapped, type Piece } from "./coverage.ts";
import { energyOf, largestAdvance, spannedEnergy, spansOf } from "./energy.ts";
import type { Measured, MeterRegisters, Reading, Spanning } from "./reading.ts";
import { uncontinued } from "./swap.ts";

/** Energy that a reading states of all its intervals, in Wh; `consumed` is below 0 by a little at most. */
export type PieceEnergy = { readonly generated: Wh; readonly consumed: Wh };

/**
 * @param reading judged by itself
 * @param member its author
 * @param gap around its intervals; null for an interval that is still open
 * @returns what it covers; null when it states nothing that could be settled
 */
export function pieceOf(reading: Reading, member: RosterMember, gap: Gap | null): Piece | null {
  const { content, interval } = reading;
  if (gap !== null && content.kind !== "spanning" && isSwapped(gap, interval)) return null;
  switch (content.kind) {
    case "measured":
      return { from: interval, to: interval, ...edgesOf(content, member) };
    case "missing": {
      // Whatever passed in it cannot be told from the registers: nothing joins across it, now or later.
      const isReset = content.reason === "register-reset";
      return isReset ? { from: interval, to: interval, start: null, end: null } : null;
    }
    case "spanning":
      return { from: content.from, to: interval, ...spannedEdges(content, interval, gap) };
    default:
      return content satisfies never;
  }
}

/** @param reading that covers a piece @param member its author @param piece that it covers @returns its energy */
export function pieceEnergy({ content }: Reading, member: RosterMember, piece: Piece): PieceEnergy {
  switch (content.kind) {
    case "measured":
      return { generated: content.generated, consumed: content.consumed };
    case "missing":
      return { generated: wh(0n), consumed: wh(0n) };
    case "spanning": {
      const carryOf = (edge: Edge | null) => edge?.carry ?? wh(0n);
      return spannedEnergy(spansOf(member, content), carryOf(piece.start), carryOf(piece.end));
    }
    default:
      return content satisfies never;
  }
}

/**
 * @param reading that covers a piece
 * @param member its author
 * @param piece that it covers
 * @param boundWh what can pass the connection in one interval
 * @returns false when an energy or a register's advance is more than can have passed in its intervals
 */
export function isPlausible(reading: Reading, member: RosterMember, piece: Piece, boundWh: Wh): boolean {
  const { content } = reading;
  if (content.kind === "missing") return true;
  const mostWh = boundWh * BigInt(piece.to - piece.from + 1);
  const { generated, consumed } = pieceEnergy(reading, member, piece);
  return (
    generated <= mostWh &&
    consumed <= mostWh &&
    consumed >= -mostWh &&
    spansOf(member, content).every((span) => largestAdvance(span) <= mostWh)
  );
}

function edgesOf(measured: Measured, member: RosterMember): Pick<Piece, "start" | "end"> {
  const { carry } = energyOf(spansOf(member, measured), measured.carryIn);
  return {
    start: { registers: registersOf(measured.meters, "start"), carry: measured.carryIn },
    end: { registers: registersOf(measured.meters, "end"), carry },
  };
}

/**
 * A span takes off what was carried before it and leaves what the reading after it began with. Over a swap it goes on
 * counting from the old meter's end; its edge is what the new meter shows.
 */
function spannedEdges({ from, meters }: Spanning, to: number, gap: Gap | null): Pick<Piece, "start" | "end"> {
  const before = gap?.from === from ? gap.before : null;
  const after = gap?.to === intervalIndex(to) ? gap.after : null;
  const swaps = gap?.swaps.filter(({ interval }) => interval <= to) ?? [];
  return {
    start: { registers: registersOf(meters, "start"), carry: before?.carry ?? wh(0n) },
    end: { registers: uncontinued(registersOf(meters, "end"), swaps), carry: after?.carry ?? wh(0n) },
  };
}

function registersOf(meters: readonly MeterRegisters[], side: "start" | "end") {
  return meters.map((meter) => meter[side]);
}
