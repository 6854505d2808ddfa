/**
 * Which meter answers where an enrolled one is expected: a cable in the wrong place, a unit that was set anew or a swap
 * that nobody has told would be signed as if they were the enrolled meter. The serial number is asked for at the first
 * answer after a start or a silence, not with each sample; what a meter cannot say is not held against it.
 */
import { isAgentError } from "../../core/errors.ts";
import type { IntervalIndex } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Meter } from "../../ports/meter.ts";
import { ServiceError } from "../base/serviceError.ts";

/** A meter on its line, as far as its identity is concerned. */
export type IdentifiedMeter = {
  readonly role: string;
  readonly unitId: number;
  readonly meter: Pick<Meter, "meterSerial" | "counters">;
};

type Known =
  | { readonly kind: "unasked"; readonly failures: number }
  /** Null: it has no number to say. */
  | { readonly kind: "asked"; readonly serial: string | null; readonly timeouts: number };

/** Questions in a row that may fail before the meter is taken for one that has no number to say. */
const MAX_FAILURES = 3;

/** What each meter said of itself; one per place of the enrolment. */
export class MeterSerials {
  readonly #enrolled: (place: number) => string | null;
  readonly #logger: Logger;
  readonly #known: Known[] = [];
  /** Others that the log tells of. */
  readonly #told = new Map<number, string>();
  /** New meters of swaps that are stated and may not be in a block yet. */
  readonly #announced = new Map<IntervalIndex, { readonly place: number; readonly serial: string }>();

  /** @param enrolled serial number that a place of the enrolment has by now; null where there is none @param logger hears of another */
  constructor(enrolled: (place: number) => string | null, logger: Logger) {
    this.#enrolled = enrolled;
    this.#logger = logger;
  }

  /** @param interval of a swap that is stated @param place of the enrolment @param serial number of the new meter */
  announce(interval: IntervalIndex, place: number, serial: string): void {
    this.#announced.set(interval, { place, serial });
  }

  /** @param interval of a swap that was not stated after all */
  forgetAnnounced(interval: IntervalIndex): void {
    this.#announced.delete(interval);
  }

  /** @param place of a meter that did not answer, or not as it would: it is asked again when it does */
  noteGap(place: number): void {
    this.#known[place] = { kind: "unasked", failures: 0 };
  }

  /**
   * Asks a meter that has just answered, where it has not said yet who it is.
   *
   * @param metered the meter
   * @param place of the enrolment
   * @returns the serial number that answers in place of the enrolled one; null when nothing speaks against the meter
   */
  async otherAt(metered: IdentifiedMeter, place: number): Promise<string | null> {
    const serial = await this.#ask(metered, place);
    const enrolled = this.#enrolled(place);
    this.#forgetEnrolled(place, enrolled);
    const { role, unitId } = metered;
    if (serial === null || enrolled === null || this.#isExpected(place, serial, enrolled)) {
      if (this.#told.delete(place)) this.#logger.info("meter.expected-again", { role, unitId, serial });
      return null;
    }
    // It is asked at every boundary from now on, so that the right cable is noticed.
    this.noteGap(place);
    if (this.#told.get(place) === serial) return serial;
    this.#told.set(place, serial);
    const detail = { role, unitId, enrolledSerial: enrolled, answeredSerial: serial };
    const next = "put the cable to the enrolled meter, or tell the swap with `edso meter swap`";
    this.#logger.error("meter.other", new ServiceError("METER_OTHER", detail), { ...detail, next });
    return serial;
  }

  async #ask({ meter }: IdentifiedMeter, place: number): Promise<string | null> {
    const known = this.#known[place] ?? { kind: "unasked", failures: 0 };
    // A silence between two boundaries may have been noticed by whoever looked at the meter meanwhile.
    if (known.kind === "asked" && known.timeouts === meter.counters().timeout) return known.serial;
    const failures = known.kind === "unasked" ? known.failures : 0;
    try {
      const serial = await meter.meterSerial();
      this.#known[place] = { kind: "asked", serial, timeouts: meter.counters().timeout };
      return serial;
    } catch (error) {
      if (!isAgentError(error)) throw error;
      const isGivenUp = failures + 1 >= MAX_FAILURES;
      this.#known[place] = isGivenUp
        ? { kind: "asked", serial: null, timeouts: meter.counters().timeout }
        : { kind: "unasked", failures: failures + 1 };
      return null;
    }
  }

  /** What a block has taken is announced no more. */
  #forgetEnrolled(place: number, enrolled: string | null): void {
    for (const [interval, one] of this.#announced)
      if (one.place === place && one.serial === enrolled) this.#announced.delete(interval);
  }

  #isExpected(place: number, serial: string, enrolled: string): boolean {
    const announced = [...this.#announced.values()].filter((one) => one.place === place);
    return [enrolled, ...announced.map((one) => one.serial)].some((known) => isSameSerial(known, serial));
  }
}

/** A label pads with zeros and spaces what a register holds as a number. */
function isSameSerial(left: string, right: string): boolean {
  return plain(left) === plain(right);
}

function plain(serial: string): string {
  const text = serial.trim().toUpperCase();
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, "") : text;
}
