/** The truth of one household: cumulative registers as a function of true time, whoever reads them and whenever. */
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { BoundaryMeter, BoundarySample } from "../../agent/core/metering/delta.ts";
import type { UnixMs } from "../../agent/core/units.ts";
import { wh } from "../../agent/core/units.ts";
import type { Draw } from "./draw.ts";

/** Registers start here, so that a fallen one can be told from a young one. */
const FIRST_REGISTER = 100_000;
/** Largest energy of a bucket in Wh: below what the connection carries, except once in a while. */
const USUAL_MAX_WH = 2_000;
const IMPLAUSIBLE_WH = 5_000;
const IMPLAUSIBLE_SHARE = 0.01;

/** Cumulative generation, consumption, import and export of a household. */
type Totals = readonly [generated: number, consumed: number, imported: number, exported: number];

/** How a household lives and its meters answer. */
export type HouseholdOptions = {
  readonly startMs: number;
  readonly bucketMs: number;
  /** Samples that a meter does not answer. */
  readonly silentShare: number;
  /** Buckets in which anything is consumed. */
  readonly consumesShare: number;
  /** Meters of one bus are read one after the other, so many buckets apart: consumption may come out below zero. */
  readonly skewShare: number;
};

/** Meters that are read nearly at once, in a household that nearly always consumes. */
export const USUAL_MANNERS = { consumesShare: 0.9, skewShare: 0.01 };

/** Meters that keep counting while the gateway is down. */
export class Household {
  readonly #roles: readonly MeterRole[];
  readonly #draw: Draw;
  readonly #startMs: number;
  readonly #bucketMs: number;
  readonly #silentShare: number;
  readonly #consumesShare: number;
  readonly #skewShare: number;
  readonly #totals: Totals[] = [[0, 0, 0, 0]];

  constructor(roles: readonly MeterRole[], draw: Draw, options: HouseholdOptions) {
    this.#roles = roles;
    this.#draw = draw;
    this.#startMs = options.startMs;
    this.#bucketMs = options.bucketMs;
    this.#silentShare = options.silentShare;
    this.#consumesShare = options.consumesShare;
    this.#skewShare = options.skewShare;
  }

  /** @param trueMs when the meters are read @param clockMs what the gateway's clock says then @returns its sample */
  sample(trueMs: number, clockMs: UnixMs): BoundarySample {
    return this.#roles.map((role, index): BoundaryMeter => {
      const atMs = trueMs + index * this.#bucketMs * this.#skewShare;
      if (this.#draw.chance(this.#silentShare)) return { kind: "failed", role, reason: "meter-timeout" };
      const registers = this.#registers(role, atMs).map((value) => wh(BigInt(value)));
      const made = { activePowerW: null, resolutionMilliWh: 63, frames: [] };
      return { kind: "sampled", role, takenAtMs: clockMs, registers, ...made };
    });
  }

  #registers(role: MeterRole, trueMs: number): readonly number[] {
    const [generated, consumed, imported, exported] = this.#at(trueMs);
    switch (role) {
      case "generation":
        return [FIRST_REGISTER + generated];
      case "consumption":
        return [FIRST_REGISTER + consumed];
      case "grid":
        return [FIRST_REGISTER + imported, FIRST_REGISTER + exported];
      default:
        return role satisfies never;
    }
  }

  #at(trueMs: number): Totals {
    const place = Math.max(0, (trueMs - this.#startMs) / this.#bucketMs);
    const bucket = Math.floor(place);
    while (this.#totals.length < bucket + 2) this.#totals.push(this.#next());
    const before = this.#totals[bucket]!;
    const after = this.#totals[bucket + 1]!;
    const share = place - bucket;
    return before.map(
      (value, index) => value + Math.floor((after[index]! - value) * share),
    ) as unknown as Totals;
  }

  #next(): Totals {
    const { integer, chance } = this.#draw;
    const [generated, consumed, imported, exported] = this.#totals.at(-1)!;
    const maxWh = chance(IMPLAUSIBLE_SHARE) ? IMPLAUSIBLE_WH : USUAL_MAX_WH;
    const generates = chance(0.6) ? integer(0, maxWh) : 0;
    const consumes = chance(this.#consumesShare) ? integer(0, USUAL_MAX_WH) : 0;
    return [
      generated + generates,
      consumed + consumes,
      imported + Math.max(0, consumes - generates),
      exported + Math.max(0, generates - consumes),
    ];
  }
}
