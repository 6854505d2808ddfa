/** A physical meter, as the metering service sees it: cumulative registers, their age and the frames they came in. */
import type { UnixMs, W, Wh } from "../core/units.ts";

/** One request and its answer as they stood on the wire (Modbus ADU without transport framing beyond RTU's own). */
export type RawFrame = {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  /** When the answer was complete. */
  readonly receivedAtMs: UnixMs;
};

/** One read-out of the registers that are settled on. Energies are cumulative, floored to integer Wh at decode. */
export type MeterSample = {
  /** When the last energy register arrived. */
  readonly takenAtMs: UnixMs;
  /** +A, OBIS 1-0:1.8.0; null when the meter has no such register. */
  readonly activeEnergyImport: Wh | null;
  /** −A, OBIS 1-0:2.8.0; null when the meter has no such register. */
  readonly activeEnergyExport: Wh | null;
  /** OBIS 1-0:16.7.0, positive is import; null when the meter has no such register. */
  readonly activePower: W | null;
  /** Coarsest step of the energy registers at their present value, in thousandths of a Wh, rounded up. */
  readonly resolutionMilliWh: number;
  readonly frames: readonly RawFrame[];
};

/** One value of a full read-out, for people. */
export type QuantityValue = {
  readonly quantity: string;
  readonly value: number;
  readonly unit: string;
  readonly obis: string | null;
};

/** Everything the meter's definition knows, read once. */
export type MeterReadOut = {
  readonly takenAtMs: UnixMs;
  readonly values: readonly QuantityValue[];
  readonly meterSerial: string | null;
  readonly frames: readonly RawFrame[];
};

/** What became of the requests to one device since the line was opened. */
export type DeviceCounters = {
  readonly ok: number;
  readonly timeout: number;
  readonly crc: number;
  readonly wrongUnit: number;
  readonly exception: number;
  readonly late: number;
  readonly echo: number;
};

/** One meter on a line. */
export interface Meter {
  /** Expected duration of {@link Meter.sample} in ms: wire time, think time and gaps of the plan. */
  readonly sampleDurationMs: number;
  /**
   * @param purpose `settlement`, the default: a defective meter is asked all the same, once; `profile`: it is left
   * alone for ever longer pauses
   * @returns the settled registers, freshly read
   * @throws DriverError; never an old value
   */
  sample(purpose?: "settlement" | "profile"): Promise<MeterSample>;
  /** @returns every quantity of the definition, freshly read @throws DriverError */
  readOut(): Promise<MeterReadOut>;
  /** @returns the serial number the meter says of itself, freshly read; null when it has none to say @throws DriverError */
  meterSerial(): Promise<string | null>;
  /** @returns counts since the line was opened */
  counters(): DeviceCounters;
}
