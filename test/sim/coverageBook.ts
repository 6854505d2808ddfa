/**
 * Books of what was settled of each member's intervals, kept without the product's coverage: which reading settled
 * which interval, whether registers and carries go on from one to the next, and what all of it adds up to.
 */
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { Measured, MeterRegisters, Reading } from "../../agent/core/metering/reading.ts";

/** Energy of a reading, worked out from its registers. */
export type Energy = { readonly generated: bigint; readonly consumed: bigint };

/** A settled piece of a member's line. */
type Settled = {
  readonly from: number;
  readonly to: number;
  /** Registers at both ends as text; null after a reset. */
  readonly start: string | null;
  readonly end: string | null;
  /** Null for a span, which takes whatever the readings around it leave. */
  readonly carryIn: bigint | null;
  readonly carryOut: bigint | null;
};

/** One member's book. */
export class CoverageBook {
  readonly #roles: readonly MeterRole[];
  readonly #settled: Settled[] = [];
  #generated = 0n;
  #consumed = 0n;

  /** @param roles of the member's meters, in the order of its enrolment */
  constructor(roles: readonly MeterRole[]) {
    this.#roles = roles;
  }

  /** Everything that was settled, in time, late or set apart. */
  get total(): Energy {
    return { generated: this.#generated, consumed: this.#consumed };
  }

  /** @param interval any @returns true when a reading has settled it */
  isSettled(interval: number): boolean {
    return this.#settled.some(({ from, to }) => from <= interval && interval <= to);
  }

  /**
   * @param reading measured, of an interval that is closed and not settled
   * @returns false when it precedes all that is settled and its registers do not go on where that begins: a clock that
   *   was wrong put it there, no block can take it, and no gap begins before the first settled interval
   */
  isOwed({ content, interval }: Reading): boolean {
    const first = this.#settled[0];
    if (first === undefined || content.kind !== "measured" || interval !== first.from - 1) return true;
    return touches(textOf(content.meters, "end"), first.start);
  }

  /** @param nextInterval the oldest open one @returns gaps between settled intervals whose registers did not fall */
  openGaps(nextInterval: number): readonly { readonly from: number; readonly to: number }[] {
    return this.#settled.flatMap((left, index) => {
      const right = this.#settled[index + 1];
      if (right === undefined || right.from === left.to + 1 || right.from > nextInterval) return [];
      const isKnown = left.end !== null && right.start !== null && hasNotFallen(left.end, right.start);
      return isKnown ? [{ from: left.to + 1, to: right.from - 1 }] : [];
    });
  }

  /**
   * Enters a reading that a block settles.
   *
   * @param reading that the block holds
   * @returns its energy, or what is wrong with it; a reading without energy and without a reset is not entered
   */
  enter(reading: Reading): Energy | string {
    const { content, interval } = reading;
    if (content.kind === "missing" && content.reason !== "register-reset") return NO_ENERGY;
    const from = content.kind === "spanning" ? content.from : interval;
    if (from > interval) return "that ends before it begins";
    const next = this.#settled.findIndex((piece) => piece.from > from);
    const place = next < 0 ? this.#settled.length : next;
    const before = this.#settled[place - 1];
    const after = this.#settled[place];
    if ((before !== undefined && before.to >= from) || (after !== undefined && after.from <= interval))
      return "whose intervals are settled already";
    const left = before?.to === from - 1 ? before : undefined;
    const right = after?.from === interval + 1 ? after : undefined;
    const made = this.#pieceOf(reading, left, right);
    if (typeof made === "string") return made;
    const { piece, energy } = made;
    if (!touches(left?.end, piece.start) || !touches(piece.end, right?.start))
      return "with registers that do not continue";
    if (!continues(left?.carryOut, piece.carryIn) || !continues(piece.carryOut, right?.carryIn))
      return "with a carry that does not continue";
    this.#settled.splice(place, 0, piece);
    this.#generated += energy.generated;
    this.#consumed += energy.consumed;
    return energy;
  }

  #pieceOf(
    { content, interval }: Reading,
    left: Settled | undefined,
    right: Settled | undefined,
  ): { readonly piece: Settled; readonly energy: Energy } | string {
    const ends = { from: content.kind === "spanning" ? content.from : interval, to: interval };
    if (content.kind === "missing")
      return {
        piece: { ...ends, start: null, end: null, carryIn: null, carryOut: null },
        energy: NO_ENERGY,
      };
    const start = textOf(content.meters, "start");
    const end = textOf(content.meters, "end");
    if (content.kind === "spanning") {
      if (left === undefined || left.end === null) return "that spans from nowhere";
      const carry = (left.carryOut ?? 0n) - (right?.carryIn ?? 0n);
      const energy = { generated: this.#generatedIn(content), consumed: this.#rawConsumed(content) + carry };
      const carries = { carryIn: left.carryOut, carryOut: right?.carryIn ?? 0n };
      return { piece: { ...ends, start, end, ...carries }, energy };
    }
    const consumed = this.#rawConsumed(content) + content.carryIn;
    const isBelow = this.#hasSkew() && consumed < 0n;
    const carryOut = isBelow ? consumed : this.#hasSkew() ? 0n : content.carryIn;
    const energy = { generated: this.#generatedIn(content), consumed: isBelow ? 0n : consumed };
    return { piece: { ...ends, start, end, carryIn: content.carryIn, carryOut }, energy };
  }

  #generatedIn(content: Pick<Measured, "meters">): bigint {
    return this.#roles.includes("generation") || !this.#roles.includes("grid")
      ? this.#delta(content, "generation", 0)
      : this.#delta(content, "grid", 1);
  }

  #rawConsumed(content: Pick<Measured, "meters">): bigint {
    if (!this.#roles.includes("grid")) return this.#delta(content, "consumption", 0);
    const imported = this.#delta(content, "grid", 0);
    if (!this.#hasSkew()) return imported;
    return this.#delta(content, "generation", 0) - this.#delta(content, "grid", 1) + imported;
  }

  #hasSkew(): boolean {
    return this.#roles.includes("grid") && this.#roles.includes("generation");
  }

  #delta({ meters }: Pick<Measured, "meters">, role: MeterRole, place: number): bigint {
    const meter = meters[this.#roles.indexOf(role)];
    return this.#roles.includes(role) ? (meter?.end[place] ?? 0n) - (meter?.start[place] ?? 0n) : 0n;
  }
}

const NO_ENERGY: Energy = { generated: 0n, consumed: 0n };

function textOf(meters: readonly MeterRegisters[], side: "start" | "end"): string {
  return meters.flatMap((meter) => meter[side]).join(",");
}

function hasNotFallen(before: string, after: string): boolean {
  const later = after.split(",");
  return before.split(",").every((value, index) => BigInt(value) <= BigInt(later[index] ?? -1));
}

function touches(left: string | null | undefined, right: string | null | undefined): boolean {
  return left == null || right == null || left === right;
}

function continues(left: bigint | null | undefined, right: bigint | null | undefined): boolean {
  return left == null || right == null || left === right;
}
