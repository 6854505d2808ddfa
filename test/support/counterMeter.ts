/** A meter that counts what a test adds, on the clock of the test. */
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import { type UnixMs, unixMs, watts, wh } from "../../agent/core/units.ts";
import type { Meter, MeterSample, RawFrame } from "../../agent/ports/meter.ts";
import { DriverError } from "../../drivers/driverError.ts";
import type { FakeClock } from "./fakeClock.ts";

/** A meter whose register a test moves. */
export type CounterMeter = Meter & {
  add(energyWh: number): void;
  fail(code: "DRIVER_TIMEOUT" | "DRIVER_PORT_GONE" | null): void;
  /** Sets the register, as a reset, a rollover or another meter does. */
  set(registerWh: bigint): void;
  /** The power that it shows, + is import; null for none. */
  show(activePowerW: number | null): void;
  /** The serial number it says of itself; null, the default, for a meter without one to say. */
  name(meterSerial: string | null): void;
  /** How old the answer is that it gives, as of a gateway between that hands out what it has cached. */
  delayAnswers(ageMs: number): void;
};

/** @param clock of the test @param role of the meter @returns a meter whose register stands at 1 MWh */
export function counterMeter(
  clock: FakeClock,
  role: Extract<MeterRole, "generation" | "consumption">,
): CounterMeter {
  let registerWh = 1_000_000n;
  let failure: "DRIVER_TIMEOUT" | "DRIVER_PORT_GONE" | null = null;
  let powerW: number | null = null;
  let ageMs = 0;
  let meterSerial: string | null = null;
  const sample = async (): Promise<MeterSample> => {
    if (failure !== null) throw new DriverError(failure, { unitId: 1 });
    return {
      takenAtMs: unixMs(clock.nowMs() - ageMs),
      activeEnergyImport: role === "consumption" ? wh(registerWh) : null,
      activeEnergyExport: role === "generation" ? wh(registerWh) : null,
      activePower: powerW === null ? null : watts(powerW),
      resolutionMilliWh: 63,
      frames: [frameOf(registerWh, unixMs(clock.nowMs() - ageMs))],
    };
  };
  return {
    sampleDurationMs: 100,
    sample,
    readOut: () => Promise.reject(new Error("not needed here")),
    meterSerial: async () => meterSerial,
    counters: () => ({ ok: 0, timeout: 0, crc: 0, wrongUnit: 0, exception: 0, late: 0, echo: 0 }),
    add: (energyWh) => {
      registerWh += BigInt(energyWh);
    },
    fail: (code) => {
      failure = code;
    },
    set: (value) => {
      registerWh = value;
    },
    show: (value) => {
      powerW = value;
    },
    name: (value) => {
      meterSerial = value;
    },
    delayAnswers: (value) => {
      ageMs = value;
    },
  };
}

/** As on the wire, but without the check: unit 1, function 4, eight bytes. */
function frameOf(registerWh: bigint, receivedAtMs: UnixMs): RawFrame {
  const response = new Uint8Array(11);
  response.set([1, 4, 8]);
  new DataView(response.buffer).setBigUint64(3, registerWh);
  return { request: Uint8Array.of(1, 4, 0, 52, 0, 4), response, receivedAtMs };
}
