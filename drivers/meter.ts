/** Meters on a serial line, behind the meter port: a definition and a unit turned into samples and read-outs. */
import type { UnixMs } from "../agent/core/units.ts";
import type { DeviceCounters, Meter, MeterReadOut, MeterSample } from "../agent/ports/meter.ts";
import { decodeIdentity } from "./decode.ts";
import type { MeterDefinition } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "./modbus/bus.ts";
import type { ReadAnswer } from "./modbus/connection.ts";
import type { LineEvent } from "./modbus/portKeeper.ts";
import { type LineSettings, readDurationMs, silentIntervalMs } from "./modbus/timing.ts";
import { planReads, type RegisterRead, wordsOf } from "./plan.ts";
import { SETTLED_QUANTITIES } from "./quantity.ts";
import type { MeterRegister } from "./register.ts";
import { type FramedRead, type Mounted, type SerialReading, toReadOut, toSample } from "./sample.ts";
import { walkSunspec } from "./sunspec.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";
import { locateSunspec } from "./sunspecMeter.ts";

const MAX_UNIT_ID = 247;
/** Exception of a read from an address the meter does not have. @source Modbus Application Protocol V1.1b3, section 7 */
const ILLEGAL_DATA_ADDRESS = 2;
/** Failures after which a chain of models may no longer stand where it was found. */
const SHIFTED_CHAIN: readonly string[] = ["DRIVER_WRONG_MODEL", "DRIVER_EXCEPTION"];

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

/** The line as one unit sees it. */
type Unit = {
  readonly bus: Bus;
  readonly settings: LineSettings;
  readonly tuning: BusTuning;
  readonly unitId: number;
  readonly invert: boolean;
};

/** What is read for one purpose: what every variant has, and what some refuse. */
type ReadPlan = {
  readonly reads: readonly RegisterRead[];
  readonly refusable: readonly (readonly RegisterRead[])[];
};

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
  const unit: Unit = { bus, settings, tuning, unitId, invert };
  return definition.kind === "registers" ? registerMeter(unit, definition) : sunspecMeter(unit, definition);
}

function registerMeter(unit: Unit, definition: MeterDefinition): Meter {
  const mounted: Mounted = { definition, unitId: unit.unitId, invert: unit.invert };
  const settled = definition.registers.filter((register) => SETTLED_QUANTITIES.includes(register.quantity));
  const samplePlan = planOf(definition, settled);
  const fullPlan = planOf(definition, definition.registers);
  return {
    sampleDurationMs: planDurationMs(unit, definition, samplePlan),
    sample: async (): Promise<MeterSample> =>
      toSample(mounted, settled, await readPlan(unit, definition, samplePlan)),
    readOut: async (): Promise<MeterReadOut> =>
      toReadOut(mounted, await readPlan(unit, definition, fullPlan), await readSerial(unit, definition)),
    counters: (): DeviceCounters => unit.bus.counters(unit.unitId),
  };
}

/** The chain is walked at the first read, and again when it turns out to have shifted. */
function sunspecMeter(unit: Unit, definition: SunspecDefinition): Meter {
  let found: Promise<Meter> | null = null;
  let durationMs = unknownDurationMs(unit, definition);
  const locate = async (): Promise<Meter> => {
    const chain = await walkSunspec((read) => readOrRefused(unit, definition, read));
    const meter = registerMeter(unit, locateSunspec(definition, chain));
    durationMs = meter.sampleDurationMs;
    return meter;
  };
  const use = async <Result>(act: (meter: Meter) => Promise<Result>): Promise<Result> => {
    found ??= locate();
    const mine = found;
    try {
      return await act(await mine);
    } catch (error) {
      const isLocated = await mine.then(
        () => true,
        () => false,
      );
      const hasShifted = error instanceof DriverError && SHIFTED_CHAIN.includes(error.code);
      if (found === mine && (!isLocated || hasShifted)) found = null;
      throw error;
    }
  };
  return {
    get sampleDurationMs() {
      return durationMs;
    },
    sample: () => use((meter) => meter.sample()),
    readOut: () => use((meter) => meter.readOut()),
    counters: (): DeviceCounters => unit.bus.counters(unit.unitId),
  };
}

function planOf(definition: MeterDefinition, registers: readonly MeterRegister[]): ReadPlan {
  const sure = registers.filter(({ optional }) => optional !== "refused");
  const refusable = registers.filter(({ optional }) => optional === "refused");
  return {
    reads: planReads(definition, [...definition.guards, ...sure]),
    refusable: refusable.map((register) => planReads(definition, [register])),
  };
}

async function readPlan(
  unit: Unit,
  definition: MeterDefinition,
  plan: ReadPlan,
): Promise<readonly FramedRead[]> {
  const answers = [...(await unit.bus.read({ unitId: unit.unitId, definition, reads: plan.reads }))];
  for (const reads of plan.refusable)
    answers.push(...(await readUnlessRefused(unit, definition, reads, ILLEGAL_DATA_ADDRESS)));
  return answers;
}

/** Older firmware has no serial number to read and says so by an exception. */
async function readSerial(unit: Unit, definition: MeterDefinition): Promise<SerialReading> {
  const { meterSerial: place } = definition.identification;
  if (place === undefined) return { meterSerial: null, answers: [] };
  const answers = await readUnlessRefused(unit, definition, planReads(definition, [place]));
  const words = wordsOf(answers, place);
  const meterSerial = words === null ? null : decodeIdentity(place, words, definition.wordOrder);
  return { meterSerial, answers };
}

async function readOrRefused(
  unit: Unit,
  definition: SunspecDefinition,
  read: RegisterRead,
): Promise<readonly number[] | null> {
  const [answer] = await readUnlessRefused(unit, definition, [read]);
  return answer?.words ?? null;
}

/** @returns no answers when the meter refuses with an exception, of the given code where one is given */
async function readUnlessRefused(
  { bus, unitId }: Unit,
  definition: MeterDefinition | SunspecDefinition,
  reads: readonly RegisterRead[],
  exceptionCode?: number,
): Promise<readonly ReadAnswer[]> {
  try {
    return await bus.read({ unitId, definition, reads });
  } catch (error) {
    const isRefusal = error instanceof DriverError && error.code === "DRIVER_EXCEPTION";
    if (isRefusal && (exceptionCode === undefined || error.detail.exceptionCode === exceptionCode)) return [];
    throw error;
  }
}

function planDurationMs(unit: Unit, definition: MeterDefinition, plan: ReadPlan): number {
  return durationMs(unit, definition, [...plan.reads, ...plan.refusable.flat()]);
}

/** Before the chain is walked: one full read, which most SunSpec meters take. */
function unknownDurationMs(unit: Unit, definition: SunspecDefinition): number {
  return durationMs(unit, definition, [{ count: definition.maxRegistersPerRead }]);
}

function durationMs(
  { settings, tuning }: Unit,
  { timing }: Pick<MeterDefinition, "timing">,
  reads: readonly Pick<RegisterRead, "count">[],
): number {
  const { thinkTimeMs, gapMs } = timing;
  const onWireMs = reads.map((read) => readDurationMs(settings, read.count, thinkTimeMs));
  const gapsMs = Math.max(0, reads.length - 1) * Math.max(gapMs, silentIntervalMs(settings));
  return Math.ceil(tuning.unitChangeGapMs + gapsMs + onWireMs.reduce((sum, ms) => sum + ms, 0));
}
