/** Reads every enrolled meter once at a boundary: its registers, or why there are none that may be stated. */
import { isAgentError } from "../../core/errors.ts";
import type { MeterRole } from "../../core/membership/enrolment.ts";
import { hasFallen, type Registers } from "../../core/metering/energy.ts";
import type { MissingReason } from "../../core/metering/reading.ts";
import type { UnixMs } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Meter, MeterSample } from "../../ports/meter.ts";
import type { ReadMeter } from "./frameKeeper.ts";
import { registersOf } from "./meterRegisters.ts";
import type { MeterSerials } from "./meterSerials.ts";

/** One enrolled meter, in the order of the enrolment. */
export type MeteredMeter = {
  readonly role: MeterRole;
  readonly definition: string;
  readonly unitId: number;
  readonly meter: Meter;
};

/** What was last read from a meter; for people, never for trade. */
export type LastSample =
  | { readonly kind: "never-read" }
  | { readonly kind: "measured"; readonly sample: MeterSample }
  | {
      readonly kind: "missing";
      readonly reason: MissingReason;
      readonly lastTakenAtMs: UnixMs | null;
      /** Serial number that answers in place of the enrolled one; null when none does. */
      readonly answeredBy: string | null;
    };

/** Which missing reason a driver's code is stated as; anything else is a meter error. */
const REASON_OF_CODE: ReadonlyMap<string, MissingReason> = new Map([
  ["DRIVER_TIMEOUT", "meter-timeout"],
  ["DRIVER_PORT_GONE", "port-gone"],
  ["DRIVER_PORT_OPEN", "port-gone"],
  ["DRIVER_PORT_LENT", "port-gone"],
]);

/** The meters of one gateway, and what was last read from each. */
export class MeterReader {
  readonly #meters: readonly MeteredMeter[];
  readonly #serials: MeterSerials;
  readonly #logger: Logger;
  readonly #lastSamples: LastSample[];
  /** Meters of which the log says that they are silent. */
  readonly #toldSilent = new Set<number>();
  #isStopped = false;

  constructor(meters: readonly MeteredMeter[], serials: MeterSerials, logger: Logger) {
    this.#meters = meters;
    this.#serials = serials;
    this.#logger = logger;
    this.#lastSamples = meters.map(() => ({ kind: "never-read" }));
  }

  /** What is still being read is told to nobody. */
  stop(): void {
    this.#isStopped = true;
  }

  /** @returns what was last read, per meter in enrolment order */
  lastSamples(): readonly LastSample[] {
    return this.#lastSamples;
  }

  /** @param before the last boundary's meters, empty where there was none @returns each meter now, in enrolment order */
  read(before: readonly ReadMeter[]): Promise<readonly ReadMeter[]> {
    return Promise.all(this.#meters.map((metered, index) => this.#read(metered, index, before[index])));
  }

  async #read(metered: MeteredMeter, index: number, before: ReadMeter | undefined): Promise<ReadMeter> {
    const { role, meter } = metered;
    try {
      const sample = await meter.sample();
      const registers = registersOf(role, sample);
      // After the sample, which is of this instant.
      const other = await this.#otherMeter(metered, index, before, registers);
      if (other !== null) {
        this.#noteMissing(index, "meter-other", other);
        return { kind: "failed", role, reason: "meter-other", raw: [] };
      }
      this.#noteSuccess(metered, index, sample);
      if (registers === null) return { kind: "failed", role, reason: "register-absent", raw: [] };
      return {
        kind: "sampled",
        role,
        takenAtMs: sample.takenAtMs,
        registers,
        activePowerW: sample.activePower === null ? null : Math.trunc(sample.activePower),
        resolutionMilliWh: sample.resolutionMilliWh,
        frames: sample.frames.map((frame) => frame.response),
        raw: sample.frames,
      };
    } catch (error) {
      if (!isAgentError(error)) throw error;
      if (this.#isStopped) return { kind: "failed", role, reason: "meter-error", raw: [] };
      const reason = REASON_OF_CODE.get(error.code) ?? "meter-error";
      this.#noteFailure(metered, index, reason, error);
      return { kind: "failed", role, reason, raw: [] };
    }
  }

  /** Registers that fall are those of a meter that was reset, or of another one. */
  #otherMeter(
    metered: MeteredMeter,
    index: number,
    before: ReadMeter | undefined,
    end: Registers | null,
  ): Promise<string | null> {
    const start = before?.kind === "sampled" ? before.registers : null;
    if (start !== null && end !== null && hasFallen({ role: metered.role, start, end }))
      this.#serials.noteGap(index);
    return this.#serials.otherAt(metered, index);
  }

  #noteSuccess({ role, unitId }: MeteredMeter, index: number, sample: MeterSample): void {
    this.#lastSamples[index] = { kind: "measured", sample };
    if (this.#toldSilent.delete(index)) this.#logger.info("meter.back", { role, unitId });
  }

  #noteFailure(metered: MeteredMeter, index: number, reason: MissingReason, error: unknown): void {
    this.#serials.noteGap(index);
    this.#noteMissing(index, reason, null);
    // A port that is gone is told once by its line, not by each of its meters.
    if (reason === "port-gone" || this.#toldSilent.has(index)) return;
    this.#toldSilent.add(index);
    const fields = { role: metered.role, unitId: metered.unitId, reason };
    this.#logger.error("meter.silent", error, fields);
  }

  #noteMissing(index: number, reason: MissingReason, answeredBy: string | null): void {
    const last = this.#lastSamples[index];
    const wasMissing = last?.kind === "missing";
    const lastTakenAtMs =
      last?.kind === "measured" ? last.sample.takenAtMs : wasMissing ? last.lastTakenAtMs : null;
    this.#lastSamples[index] = { kind: "missing", reason, lastTakenAtMs, answeredBy };
  }
}
