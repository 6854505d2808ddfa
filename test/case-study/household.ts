/** One household of the case study: it obeys its orders, its meters count, its gateway signs what they counted. */
import { type CurtailmentOrder, maxOf } from "../../agent/core/market/curtail.ts";
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { RosterMember } from "../../agent/core/membership/roster.ts";
import { type BoundarySample, stateInterval } from "../../agent/core/metering/delta.ts";
import { plausibleWh } from "../../agent/core/metering/energy.ts";
import { intervalEndMs, intervalStartMs } from "../../agent/core/metering/interval.ts";
import { readingSignBytes, type SignedReading } from "../../agent/core/metering/reading.ts";
import { type IntervalIndex, type UnixMs, type Wh, wh } from "../../agent/core/units.ts";
import { type Demand, WH_PER_KWH } from "./demand.ts";
import { type CaseStreet, INTERVAL_MS } from "./street.ts";

/** Energy of one hour in Wh. */
export type Metered = { readonly generated: Wh; readonly consumed: Wh };

/** A household that neither generates nor needs anything. */
export const NOTHING: Demand = { generationKwh: 0, needKwh: 0 };

/** Registers start here, so that a difference cannot be mistaken for a register. */
const FIRST_REGISTER: Metered = { generated: wh(1_000_000n), consumed: wh(2_000_000n) };
const RESOLUTION_MILLI_WH = 1_000;

/**
 * @param demand of the hour
 * @param order that binds it; undefined for none
 * @returns what an obedient household meters: it leaves unserved what would draw more than the order allows
 */
export function obeyed(demand: Demand, order: CurtailmentOrder | undefined): Metered {
  const generated = whOf(demand.generationKwh);
  const need = whOf(demand.needKwh);
  const may = order === undefined ? null : maxOf(order);
  if (may === null || need <= generated + may) return { generated, consumed: need };
  return { generated, consumed: wh(generated + may) };
}

/** A household with its meters. */
export class Household {
  readonly #street: CaseStreet;
  readonly #member: RosterMember;
  #registers = FIRST_REGISTER;
  #carry = wh(0n);
  #sequence = 0;

  constructor(street: CaseStreet, member: RosterMember) {
    this.#street = street;
    this.#member = member;
  }

  /** @param interval that passed @param energy of it @returns the gateway's signed reading */
  read(interval: IntervalIndex, energy: Metered): SignedReading {
    const start = this.#sample(intervalStartMs(interval, INTERVAL_MS));
    this.#registers = {
      generated: wh(this.#registers.generated + energy.generated),
      consumed: wh(this.#registers.consumed + energy.consumed),
    };
    const end = this.#sample(intervalEndMs(interval, INTERVAL_MS));
    const { id, name, connectionRatingW } = this.#member;
    const boundWh = plausibleWh(connectionRatingW, INTERVAL_MS, 1);
    const limits = { intervalMs: INTERVAL_MS, timeLapse: 1, boundWh };
    const { content, carry } = stateInterval(interval, limits, start, end, this.#carry);
    this.#carry = carry;
    this.#sequence += 1;
    const place = { member: id, interval, sequence: this.#sequence, boot: 1 };
    const reading = { ...place, time: "synchronised", content } as const;
    const { chainId, epoch } = this.#street.context.roster;
    return { reading, signature: this.#street.sign(name, readingSignBytes(reading, chainId, epoch)) };
  }

  #sample(takenAtMs: UnixMs): BoundarySample {
    return this.#member.meters.map(({ role }) => ({
      kind: "sampled",
      role,
      takenAtMs,
      registers: [this.#register(role)],
      activePowerW: null,
      resolutionMilliWh: RESOLUTION_MILLI_WH,
      frames: [],
    }));
  }

  #register(role: MeterRole): Wh {
    return role === "generation" ? this.#registers.generated : this.#registers.consumed;
  }
}

function whOf(kwh: number): Wh {
  return wh(BigInt(kwh) * WH_PER_KWH);
}
