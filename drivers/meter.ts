/** Meters on a line, behind the meter port: a definition and a unit turned into samples and read-outs. */
import type { UnixMs } from "../agent/core/units.ts";
import type { Actuator, HoldKeeper } from "../agent/ports/actuator.ts";
import type { BareLine, WireFrame } from "../agent/ports/commissioning.ts";
import type { Meter } from "../agent/ports/meter.ts";
import { createActuator } from "./actuator.ts";
import type { ActuatorDefinition } from "./actuatorDefinition.ts";
import { busAccess } from "./busAccess.ts";
import type { MeterDefinition } from "./definition.ts";
import { deviceMeter } from "./deviceMeter.ts";
import { DriverError } from "./driverError.ts";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "./modbus/bus.ts";
import { readLineAddress } from "./modbus/lineAddress.ts";
import type { LineEvent } from "./modbus/portKeeper.ts";
import { rs485ModeOf } from "./modbus/rs485.ts";
import { type LineSettings, readDurationMs, silentIntervalMs } from "./modbus/timing.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";
import { startWireLog } from "./wireLog.ts";

const MAX_UNIT_ID = 247;

/** How a line is opened. */
export type LineOptions = LineSettings & {
  /** Serial device, best a stable name such as one under /dev/serial/by-id; or `tcp://…`, `rtu+tcp://…`. */
  readonly path: string;
  /** Who switches between sending and listening. Default: the adapter itself. */
  readonly rs485?: BareLine["rs485"];
  readonly nowMs: () => UnixMs;
  /** Told once when the port vanishes and once when it is back. */
  readonly onEvent: (event: LineEvent) => void;
  /** True: a port that is not there yet is reported and opened when it comes. Default false: it throws. */
  readonly keepsTrying?: boolean;
  readonly tuning?: Partial<BusTuning>;
  /** Told each frame that passes, for people who look at the wire. */
  readonly onFrame?: (frame: WireFrame) => void;
};

/** One meter on a line. */
export type MeterOptions = {
  readonly definition: MeterDefinition | SunspecDefinition;
  /** 1 … 247. */
  readonly unitId: number;
  /** The meter is mounted the other way round: import and export change places, power its sign. Default false. */
  readonly invert?: boolean;
};

/** One actuator on a line. */
export type ActuatorOnLine = {
  readonly definition: ActuatorDefinition;
  /** 1 … 247. */
  readonly unitId: number;
  /** What was held before a restart, and where the hold is kept for the next one. */
  readonly holds: HoldKeeper;
};

/** An open line. */
export interface Line {
  /** @param options of the meter @returns it; the line serves any number of them @throws DriverError `DRIVER_OPTION` */
  meter(options: MeterOptions): Meter;
  /** @param options of the actuator @returns it, in the same queue as the meters @throws DriverError `DRIVER_OPTION` */
  actuator(options: ActuatorOnLine): Actuator;
  /**
   * Lets another process have the port; whoever waits or comes is told `DRIVER_PORT_LENT`.
   *
   * @returns takes it back; a second call does nothing
   * @throws DriverError `DRIVER_PORT_LENT` when it is lent already
   */
  lend(): Promise<() => Promise<void>>;
  /** Closes the line; whoever waits is told `DRIVER_CLOSED`. */
  close(): Promise<void>;
}

/**
 * Opens a line.
 *
 * @param options path, line settings and whom to tell
 * @returns the line
 * @throws DriverError `DRIVER_PORT_OPEN`, `DRIVER_OPTION`
 */
export async function openLine(options: LineOptions): Promise<Line> {
  const { path, baudRate, parity, dataBits, stopBits, onFrame, rs485 = "adapter" } = options;
  const settings: LineSettings = { baudRate, parity, dataBits, stopBits };
  const tuning: BusTuning = { ...DEFAULT_BUS_TUNING, ...options.tuning };
  // Modbus TCP has a header of its own; RTU passed through TCP has none.
  const isRtu = readLineAddress(path).kind !== "modbus-tcp";
  const log = onFrame === undefined ? null : startWireLog(onFrame, isRtu);
  const bus = new Bus({
    ...options,
    settings,
    tuning,
    rs485: rs485ModeOf(rs485),
    onTraffic: (traffic) => log?.note(traffic),
  });
  await bus.open(options.keepsTrying ?? false);
  return {
    meter: (meterOptions) => createMeter(bus, settings, tuning, meterOptions),
    actuator: ({ definition, unitId, holds }) =>
      createActuator({
        definition,
        access: busAccess(bus, checkedUnit(unitId)),
        nowMs: options.nowMs,
        holds,
      }),
    lend: () => bus.lend(),
    close: () => bus.close().then(() => log?.end()),
  };
}

function createMeter(bus: Bus, settings: LineSettings, tuning: BusTuning, options: MeterOptions): Meter {
  const { definition, invert = false } = options;
  const unitId = checkedUnit(options.unitId);
  return deviceMeter(
    {
      unitId,
      read: (reads, canWait) => bus.read({ unitId, definition, reads, canWait }),
      durationMs: (counts) => durationMs(definition, settings, tuning, counts),
      counters: () => bus.counters(unitId),
    },
    definition,
    invert,
  );
}

function checkedUnit(unitId: number): number {
  if (Number.isInteger(unitId) && unitId >= 1 && unitId <= MAX_UNIT_ID) return unitId;
  throw new DriverError("DRIVER_OPTION", { option: "unitId", value: unitId });
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
