/** Meters on a serial line, behind the meter port: a definition and a unit turned into samples and read-outs. */
import type { UnixMs } from "../agent/core/units.ts";
import type { Meter } from "../agent/ports/meter.ts";
import type { MeterDefinition } from "./definition.ts";
import { deviceMeter } from "./deviceMeter.ts";
import { DriverError } from "./driverError.ts";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "./modbus/bus.ts";
import type { LineEvent } from "./modbus/portKeeper.ts";
import { type LineSettings, readDurationMs, silentIntervalMs } from "./modbus/timing.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";

const MAX_UNIT_ID = 247;

/** How a line is opened. */
export type LineOptions = LineSettings & {
  /** Serial device; best a stable name such as one under /dev/serial/by-id. */
  readonly path: string;
  readonly nowMs: () => UnixMs;
  /** Told once when the port vanishes and once when it is back. */
  readonly onEvent: (event: LineEvent) => void;
  /** True: a port that is not there yet is reported and opened when it comes. Default false: it throws. */
  readonly keepsTrying?: boolean;
  readonly tuning?: Partial<BusTuning>;
};

/** One meter on a line. */
export type MeterOptions = {
  readonly definition: MeterDefinition | SunspecDefinition;
  /** 1 … 247. */
  readonly unitId: number;
  /** The meter is mounted the other way round: import and export change places, power its sign. Default false. */
  readonly invert?: boolean;
};

/** An open line. */
export interface Line {
  /** @param options of the meter @returns it; the line serves any number of them @throws DriverError `DRIVER_OPTION` */
  meter(options: MeterOptions): Meter;
  /** Closes the line; whoever waits is told `DRIVER_CLOSED`. */
  close(): Promise<void>;
}

/**
 * Opens a serial line.
 *
 * @param options path, line settings and whom to tell
 * @returns the line
 * @throws DriverError `DRIVER_PORT_OPEN`
 */
export async function openLine(options: LineOptions): Promise<Line> {
  const { path, baudRate, parity, dataBits, stopBits, nowMs, onEvent } = options;
  const settings: LineSettings = { baudRate, parity, dataBits, stopBits };
  const tuning: BusTuning = { ...DEFAULT_BUS_TUNING, ...options.tuning };
  const bus = new Bus({ path, settings, tuning, nowMs, onEvent });
  await bus.open(options.keepsTrying ?? false);
  return {
    meter: (meterOptions) => createMeter(bus, settings, tuning, meterOptions),
    close: () => bus.close(),
  };
}

function createMeter(bus: Bus, settings: LineSettings, tuning: BusTuning, options: MeterOptions): Meter {
  const { definition, unitId, invert = false } = options;
  if (!Number.isInteger(unitId) || unitId < 1 || unitId > MAX_UNIT_ID)
    throw new DriverError("DRIVER_OPTION", { option: "unitId", value: unitId });
  return deviceMeter(
    {
      unitId,
      read: (reads) => bus.read({ unitId, definition, reads }),
      durationMs: (counts) => durationMs(definition, settings, tuning, counts),
      counters: () => bus.counters(unitId),
    },
    definition,
    invert,
  );
}

function durationMs(
  { timing: { thinkTimeMs, gapMs } }: Pick<MeterDefinition, "timing">,
  settings: LineSettings,
  tuning: BusTuning,
  counts: readonly number[],
): number {
  const onWireMs = counts.map((count) => readDurationMs(settings, count, thinkTimeMs));
  const gapsMs = Math.max(0, counts.length - 1) * Math.max(gapMs, silentIntervalMs(settings));
  return Math.ceil(tuning.unitChangeGapMs + gapsMs + onWireMs.reduce((sum, ms) => sum + ms, 0));
}
