/** Meters on a serial line, behind the meter port: a definition and a unit turned into samples and read-outs. */
import { type UnixMs, type Wh, watts, wh } from "../agent/core/units.ts";
import type { WireFrame } from "../agent/ports/commissioning.ts";
import type {
  DeviceCounters,
  Meter,
  MeterReadOut,
  MeterSample,
  QuantityValue,
  RawFrame,
} from "../agent/ports/meter.ts";
import { type DecodedValue, decodeRegister, decodeWhole } from "./decode.ts";
import { type MeterDefinition, type MeterRegister, type RegisterPlace, registerCount } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "./modbus/bus.ts";
import type { ReadAnswer } from "./modbus/connection.ts";
import { readLineAddress } from "./modbus/lineAddress.ts";
import type { LineEvent } from "./modbus/portKeeper.ts";
import type { Rs485Mode } from "./modbus/rs485.ts";
import { type LineSettings, readDurationMs, silentIntervalMs } from "./modbus/timing.ts";
import { covers, planReads, type RegisterRead } from "./plan.ts";
import { type Quantity, quantityFacts, reversedQuantity, SETTLED_QUANTITIES } from "./quantity.ts";
import { startWireLog } from "./wireLog.ts";

const MAX_UNIT_ID = 247;

/** How a line is opened. */
export type LineOptions = LineSettings & {
  /** Serial device, best a stable name such as one under /dev/serial/by-id; or `tcp://…`, `rtu+tcp://…`. */
  readonly path: string;
  /** Mode of the kernel's serial driver; null, the default, leaves it as it is. */
  readonly rs485?: Rs485Mode | null;
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
  readonly definition: MeterDefinition;
  /** 1 … 247. */
  readonly unitId: number;
  /** The meter is mounted the other way round: import and export change places, power its sign. Default false. */
  readonly invert?: boolean;
};

/** An open line. */
export interface Line {
  /** @param options of the meter @returns it; the line serves any number of them @throws DriverError `DRIVER_OPTION` */
  meter(options: MeterOptions): Meter;
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

/** A read-out's raw material: where each register ended up. */
type Reading = { readonly answers: readonly ReadAnswer[]; readonly frames: readonly RawFrame[] };
type CumulativeValue = Extract<DecodedValue, { kind: "cumulative" }>;

/**
 * Opens a line.
 *
 * @param options path, line settings and whom to tell
 * @returns the line
 * @throws DriverError `DRIVER_PORT_OPEN`, `DRIVER_OPTION`
 */
export async function openLine(options: LineOptions): Promise<Line> {
  const { baudRate, parity, dataBits, stopBits } = options;
  const settings: LineSettings = { baudRate, parity, dataBits, stopBits };
  const tuning: BusTuning = { ...DEFAULT_BUS_TUNING, ...options.tuning };
  const { onFrame } = options;
  const log = onFrame === undefined ? null : startWireLog(onFrame, !isNumbered(options.path));
  const bus = new Bus({ ...options, settings, tuning, onTraffic: (traffic) => log?.note(traffic) });
  await bus.open(options.keepsTrying ?? false);
  return {
    meter: (meterOptions) => createMeter(bus, settings, tuning, meterOptions),
    lend: () => bus.lend(),
    close: () => bus.close().then(() => log?.end()),
  };
}

/** Modbus TCP has a header of its own; RTU passed through TCP has none. */
function isNumbered(path: string): boolean {
  return readLineAddress(path).kind === "modbus-tcp";
}

function createMeter(bus: Bus, settings: LineSettings, tuning: BusTuning, options: MeterOptions): Meter {
  const { definition, unitId } = options;
  if (!Number.isInteger(unitId) || unitId < 1 || unitId > MAX_UNIT_ID)
    throw new DriverError("DRIVER_OPTION", { option: "unitId", value: unitId });
  const settled = definition.registers.filter((register) => SETTLED_QUANTITIES.includes(register.quantity));
  const sampleReads = planReads(definition, settled);
  const fullReads = planReads(definition, definition.registers);
  const read = async (reads: readonly RegisterRead[], canWait = false): Promise<Reading> => {
    const answers = await bus.read({ unitId, definition, reads, canWait });
    return { answers, frames: answers.map((answer) => answer.frame) };
  };
  return {
    sampleDurationMs: sampleDurationMs(definition, settings, tuning, sampleReads),
    sample: async (purpose) => toSample(options, settled, await read(sampleReads, purpose === "profile")),
    readOut: async () => toReadOut(options, await read(fullReads), await readSerial(definition, read)),
    counters: (): DeviceCounters => bus.counters(unitId),
  };
}

function sampleDurationMs(
  definition: MeterDefinition,
  settings: LineSettings,
  tuning: BusTuning,
  reads: readonly RegisterRead[],
): number {
  const { thinkTimeMs, gapMs } = definition.timing;
  const onWireMs = reads.map((read) => readDurationMs(settings, read.count, thinkTimeMs));
  const gapsMs = Math.max(0, reads.length - 1) * Math.max(gapMs, silentIntervalMs(settings));
  return Math.ceil(tuning.unitChangeGapMs + gapsMs + onWireMs.reduce((sum, ms) => sum + ms, 0));
}

function toSample(options: MeterOptions, settled: readonly MeterRegister[], reading: Reading): MeterSample {
  const energies = new Map<Quantity, CumulativeValue>();
  let activePower: number | null = null;
  let takenAtMs: UnixMs | null = null;
  for (const register of settled) {
    const decoded = decodeFrom(options, register, reading);
    const quantity = quantityOf(options, register);
    if (decoded.kind === "number") activePower = signed(options, quantity, decoded.value);
    if (quantityFacts(quantity).kind !== "cumulative") continue;
    // A meter that has the register but no value in it has failed; null would say that it has none.
    if (decoded.kind !== "cumulative") throw badValue(options, quantity, decoded);
    energies.set(quantity, decoded);
    const { receivedAtMs } = answerWith(reading, register).frame;
    takenAtMs = takenAtMs === null || receivedAtMs > takenAtMs ? receivedAtMs : takenAtMs;
  }
  const last = reading.frames.at(-1);
  if (last === undefined) throw new DriverError("DRIVER_DEFINITION", { what: "nothing to sample" });
  return {
    takenAtMs: takenAtMs ?? last.receivedAtMs,
    activeEnergyImport: energyOf(energies, "activeEnergyImport"),
    activeEnergyExport: energyOf(energies, "activeEnergyExport"),
    activePower: activePower === null ? null : watts(activePower),
    resolutionMilliWh: Math.max(0, ...[...energies.values()].map((value) => value.resolutionMilli)),
    frames: reading.frames,
  };
}

function toReadOut(options: MeterOptions, reading: Reading, serial: SerialReading): MeterReadOut {
  const frames = [...reading.frames, ...serial.frames];
  const last = frames.at(-1);
  if (last === undefined) throw new DriverError("DRIVER_DEFINITION", { what: "nothing to read" });
  return {
    takenAtMs: last.receivedAtMs,
    values: options.definition.registers.flatMap((register) => quantityValue(options, register, reading)),
    meterSerial: serial.meterSerial,
    frames,
  };
}

type SerialReading = { readonly meterSerial: string | null; readonly frames: readonly RawFrame[] };

/** Older firmware has no serial number to read and says so by an exception. */
async function readSerial(
  definition: MeterDefinition,
  read: (reads: readonly RegisterRead[]) => Promise<Reading>,
): Promise<SerialReading> {
  const { meterSerial: place } = definition.identification;
  if (place === undefined) return { meterSerial: null, frames: [] };
  try {
    const reading = await read(planReads(definition, [place]));
    const words = wordsOf(reading, place);
    const value = decodeWhole(place, words, definition.wordOrder);
    return { meterSerial: value === null ? null : value.toString(), frames: reading.frames };
  } catch (error) {
    if (error instanceof DriverError && error.code === "DRIVER_EXCEPTION")
      return { meterSerial: null, frames: [] };
    throw error;
  }
}

function quantityValue(
  options: MeterOptions,
  register: MeterRegister,
  reading: Reading,
): readonly QuantityValue[] {
  const decoded = decodeFrom(options, register, reading);
  if (decoded.kind === "absent") return [];
  const quantity = quantityOf(options, register);
  const { unit, obis } = quantityFacts(quantity);
  const value =
    decoded.kind === "cumulative" ? Number(decoded.value) : signed(options, quantity, decoded.value);
  return [{ quantity, value, unit, obis }];
}

function decodeFrom(options: MeterOptions, register: MeterRegister, reading: Reading): DecodedValue {
  return decodeRegister(register, wordsOf(reading, register), options.definition.wordOrder);
}

function wordsOf(reading: Reading, place: RegisterPlace): readonly number[] {
  const { read, words } = answerWith(reading, place);
  const start = place.address - read.address;
  return words.slice(start, start + registerCount(place.type));
}

function answerWith(reading: Reading, place: RegisterPlace): ReadAnswer {
  const answer = reading.answers.find((candidate) => covers(candidate.read, place));
  if (answer === undefined) throw new DriverError("DRIVER_BAD_ANSWER", { address: place.address });
  return answer;
}

function quantityOf(options: MeterOptions, register: MeterRegister): Quantity {
  return options.invert === true ? reversedQuantity(register.quantity) : register.quantity;
}

function signed(options: MeterOptions, quantity: Quantity, value: number): number {
  return options.invert === true && quantityFacts(quantity).kind === "directed" ? 0 - value : value;
}

function energyOf(energies: ReadonlyMap<Quantity, CumulativeValue>, quantity: Quantity): Wh | null {
  const energy = energies.get(quantity);
  return energy === undefined ? null : wh(energy.value);
}

function badValue(options: MeterOptions, quantity: Quantity, decoded: DecodedValue): DriverError {
  const why = decoded.kind === "absent" ? decoded.reason : decoded.kind;
  return new DriverError("DRIVER_BAD_VALUE", {
    meter: options.definition.id,
    unitId: options.unitId,
    quantity,
    why,
  });
}
