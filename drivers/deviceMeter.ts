/**
 * One device as a meter: its definition turned into reads, their answers into samples and read-outs. Which line it is
 * on is somebody else's matter.
 */
import type { DeviceCounters, Meter, MeterReadOut, MeterSample } from "../agent/ports/meter.ts";
import { decodeIdentity, decodeRegister } from "./decode.ts";
import type { MeterDefinition } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import { planReads, type RegisterRead, wordsOf } from "./plan.ts";
import { SETTLED_QUANTITIES } from "./quantity.ts";
import type { MeterRegister } from "./register.ts";
import { type FramedRead, type Mounted, type SerialReading, toReadOut, toSample } from "./sample.ts";
import { walkSunspec } from "./sunspec.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";
import { locateSunspec } from "./sunspecMeter.ts";

/** Exception of a read from an address the meter does not have. @source Modbus Application Protocol V1.1b3, section 7 */
const ILLEGAL_DATA_ADDRESS = 2;
/** Wider than any grid, islands included. */
const LEAST_HERTZ = 30;
const MOST_HERTZ = 100;
/** Failures after which a chain of models may no longer stand where it was found. */
const SHIFTED_CHAIN: readonly string[] = ["DRIVER_WRONG_MODEL", "DRIVER_EXCEPTION"];

/** One unit on a line. */
export interface Device {
  readonly unitId: number;
  /**
   * Reads one after another, without another unit in between.
   *
   * @param reads wanted
   * @param canWait true: refused while the device rests. Default false
   * @returns one answer each
   * @throws DriverError
   */
  read(reads: readonly RegisterRead[], canWait?: boolean): Promise<readonly FramedRead[]>;
  /** @param counts registers of each read @returns expected duration in ms: wire time, think time and gaps */
  durationMs(counts: readonly number[]): number;
  counters(): DeviceCounters;
}

/** What is read for one purpose: what every variant has, and what some refuse. */
type ReadPlan = {
  readonly reads: readonly RegisterRead[];
  readonly refusable: readonly (readonly RegisterRead[])[];
};

/**
 * @param device on its line
 * @param definition of its kind
 * @param invert true for a meter that is mounted the other way round
 * @returns the meter
 */
export function deviceMeter(
  device: Device,
  definition: MeterDefinition | SunspecDefinition,
  invert: boolean,
): Meter {
  return definition.kind === "registers"
    ? registerMeter(device, definition, invert)
    : sunspecMeter(device, definition, invert);
}

function registerMeter(device: Device, definition: MeterDefinition, invert: boolean): Meter {
  const mounted: Mounted = { definition, unitId: device.unitId, invert };
  const settled = definition.registers.filter((register) => SETTLED_QUANTITIES.includes(register.quantity));
  const witness = witnessOf(definition, settled);
  const samplePlan = planOf(definition, witness === null ? settled : [...settled, witness]);
  const fullPlan = planOf(definition, definition.registers);
  return {
    sampleDurationMs: device.durationMs(
      [...samplePlan.reads, ...samplePlan.refusable.flat()].map(({ count }) => count),
    ),
    sample: async (purpose): Promise<MeterSample> => {
      const answers = await readPlan(device, samplePlan, purpose === "profile");
      if (witness !== null) checkWitness(mounted, witness, answers);
      return toSample(mounted, settled, answers);
    },
    readOut: async (): Promise<MeterReadOut> =>
      toReadOut(mounted, await readPlan(device, fullPlan), await readSerial(device, definition)),
    meterSerial: async () => (await readSerial(device, definition)).meterSerial,
    counters: (): DeviceCounters => device.counters(),
  };
}

/** The chain is walked at the first read, and again when it turns out to have shifted. */
function sunspecMeter(device: Device, definition: SunspecDefinition, invert: boolean): Meter {
  let found: Promise<Meter> | null = null;
  // Before the chain is walked: one full read, which most SunSpec meters take.
  let durationMs = device.durationMs([definition.maxRegistersPerRead]);
  const locate = async (): Promise<Meter> => {
    const chain = await walkSunspec((read) => readOrRefused(device, read));
    const meter = registerMeter(device, locateSunspec(definition, chain), invert);
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
    sample: (purpose) => use((meter) => meter.sample(purpose)),
    readOut: () => use((meter) => meter.readOut()),
    meterSerial: () => use((meter) => meter.meterSerial()),
    counters: (): DeviceCounters => device.counters(),
  };
}

/**
 * A register that shows whether the others mean what they should: a mains frequency read with swapped words is absurd,
 * an energy may be merely another one. It costs no request, or it is not read.
 */
function witnessOf(definition: MeterDefinition, settled: readonly MeterRegister[]): MeterRegister | null {
  const sure = settled.filter(({ optional }) => optional !== "refused");
  const frequency = definition.registers.find(
    ({ quantity, optional }) => quantity === "frequency" && optional === undefined,
  );
  if (frequency === undefined) return null;
  const reads = planReads(definition, [...definition.guards, ...sure]).length;
  return planReads(definition, [...definition.guards, ...sure, frequency]).length === reads
    ? frequency
    : null;
}

/** @throws DriverError `DRIVER_BAD_VALUE`; zero is what a meter shows that does not know */
function checkWitness(
  { definition, unitId }: Mounted,
  witness: MeterRegister,
  answers: readonly FramedRead[],
): void {
  const words = wordsOf(answers, witness);
  const value = words === null ? null : decodeRegister(witness, words, definition.wordOrder);
  if (value?.kind !== "number" || value.value === 0) return;
  if (value.value >= LEAST_HERTZ && value.value <= MOST_HERTZ) return;
  const { id: meter } = definition;
  throw new DriverError("DRIVER_BAD_VALUE", { meter, unitId, quantity: "frequency", why: "implausible" });
}

function planOf(definition: MeterDefinition, registers: readonly MeterRegister[]): ReadPlan {
  const sure = registers.filter(({ optional }) => optional !== "refused");
  const refusable = registers.filter(({ optional }) => optional === "refused");
  return {
    reads: planReads(definition, [...definition.guards, ...sure]),
    refusable: refusable.map((register) => planReads(definition, [register])),
  };
}

async function readPlan(device: Device, plan: ReadPlan, canWait = false): Promise<readonly FramedRead[]> {
  const answers = [...(await device.read(plan.reads, canWait))];
  for (const reads of plan.refusable)
    answers.push(...(await readUnlessRefused(device, reads, ILLEGAL_DATA_ADDRESS)));
  return answers;
}

/** Older firmware has no serial number to read and says so by an exception. */
async function readSerial(device: Device, definition: MeterDefinition): Promise<SerialReading> {
  const { meterSerial: place } = definition.identification;
  if (place === undefined) return { meterSerial: null, answers: [] };
  const answers = await readUnlessRefused(device, planReads(definition, [place]));
  const words = wordsOf(answers, place);
  const meterSerial = words === null ? null : decodeIdentity(place, words, definition.wordOrder);
  return { meterSerial, answers };
}

async function readOrRefused(device: Device, read: RegisterRead): Promise<readonly number[] | null> {
  const [answer] = await readUnlessRefused(device, [read]);
  return answer?.words ?? null;
}

/** @returns no answers when the meter refuses with an exception, of the given code where one is given */
async function readUnlessRefused(
  device: Device,
  reads: readonly RegisterRead[],
  exceptionCode?: number,
): Promise<readonly FramedRead[]> {
  try {
    return await device.read(reads);
  } catch (error) {
    const isRefusal = error instanceof DriverError && error.code === "DRIVER_EXCEPTION";
    if (isRefusal && (exceptionCode === undefined || error.detail.exceptionCode === exceptionCode)) return [];
    throw error;
  }
}
