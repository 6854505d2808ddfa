/** Simulated meters on a line: they answer Modbus RTU on a real terminal device, at the pace of a real wire. */
import type { UnixMs } from "../../agent/core/units.ts";
import type { MeterDefinition } from "../definition.ts";
import { answerMs, type LineSettings, requestMs, silentIntervalMs } from "../modbus/timing.ts";
import type { PowerCurve } from "./curve.ts";
import { type CounterState, createEnergyCounter, type InitialEnergies } from "./energyCounter.ts";
import { applyFault, delayOf, type Fault } from "./fault.ts";
import { answerFrame, type ReadRequest, takeRequests } from "./readRequest.ts";
import { answerRead, type BankAnswer } from "./registerBank.ts";
import { SimulatedTty } from "./simulatedTty.ts";

/** Requests a meter keeps while it is still at an earlier one; more are lost. */
const MAX_WAITING_REQUESTS = 8;
/** @source Modbus Application Protocol V1.1b3, sections 6.3 and 6.4 */
const MAX_ANSWERED_REGISTERS = 125;
const IN_ORDER: Fault = { kind: "none" };

/** One simulated meter. */
export type SimulatedMeterOptions = {
  readonly definition: MeterDefinition;
  readonly unitId: number;
  /** Serial number, 0 … 2³² − 1. */
  readonly serial: number;
  readonly curve: PowerCurve;
  readonly initial: InitialEnergies;
};

/** A simulated line. */
export type SimulatedLineOptions = {
  readonly settings: LineSettings;
  readonly meters: readonly SimulatedMeterOptions[];
  readonly nowMs: () => UnixMs;
  /** Real instant at which virtual time starts to run. */
  readonly startedAtMs: UnixMs;
  /** Virtual minute of the day at that instant, 0 … 1439. */
  readonly startMinute: number;
  /** Virtual time for each unit of real time; 180 is a quarter of an hour in 5 s. */
  readonly timeLapse: number;
  readonly thinkTimeMs: number;
  /** True: an answer takes as long as its characters would on the wire. */
  readonly hasWireTime: boolean;
};

/** A running simulated line. */
export interface SimulatedLine {
  /** The device a client opens. */
  readonly path: string;
  /**
   * Makes a meter misbehave.
   *
   * @param unitId of the meter
   * @param fault from its next answer on; `none` sets it right
   * @param answers after which it is in order again; default: never
   */
  setFault(unitId: number, fault: Fault, answers?: number): void;
  /** @param unitId of a meter @returns what its counters hold now */
  stateOf(unitId: number): CounterState;
  /** Pulls the adapter: the device vanishes from under its client. */
  unplug(): Promise<void>;
  /** Puts it back: another device under the same name. */
  replug(): Promise<void>;
  /** Ends the line. */
  stop(): Promise<void>;
}

type Meter = SimulatedMeterOptions & {
  readonly stateAt: (nowMs: UnixMs) => CounterState;
  readonly waiting: ReadRequest[];
  fault: Fault;
  faultyAnswers: number;
};

/** @param options meters, pace and virtual time @returns the line, answering @throws Error when no device can be made */
export async function startSimulatedLine(options: SimulatedLineOptions): Promise<SimulatedLine> {
  const meters = new Map(options.meters.map((meter) => [meter.unitId, createMeter(options, meter)]));
  const timers = new Set<NodeJS.Timeout>();
  let rest: Uint8Array = new Uint8Array();
  const tty = await SimulatedTty.open((bytes) => {
    const taken = takeRequests(Uint8Array.from([...rest, ...bytes]));
    rest = taken.rest;
    for (const request of taken.requests) receive(meters.get(request.unitId), request);
  });

  const receive = (meter: Meter | undefined, request: ReadRequest): void => {
    if (meter === undefined || meter.waiting.length >= MAX_WAITING_REQUESTS) return;
    meter.waiting.push(request);
    if (meter.waiting.length === 1) answerNext(meter, request);
  };
  const answerNext = (meter: Meter, request: ReadRequest): void => {
    const fault = nextFault(meter);
    const timer = setTimeout(() => {
      timers.delete(timer);
      const frame = applyFault(answerFrame(request, answerOf(meter, request, options.nowMs())), fault);
      if (frame !== null) tty.write(frame);
      meter.waiting.shift();
      const next = meter.waiting[0];
      if (next !== undefined) answerNext(meter, next);
    }, delayMs(options, request) + delayOf(fault));
    timers.add(timer);
  };
  const silence = (): void => {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    rest = new Uint8Array();
    for (const meter of meters.values()) meter.waiting.length = 0;
  };
  return controlsOf(tty, meters, options.nowMs, silence);
}

function controlsOf(
  tty: SimulatedTty,
  meters: ReadonlyMap<number, Meter>,
  nowMs: () => UnixMs,
  silence: () => void,
): SimulatedLine {
  const meterOf = (unitId: number): Meter => {
    const meter = meters.get(unitId);
    if (meter === undefined) throw new RangeError(`no simulated meter with unit ${unitId}`);
    return meter;
  };
  return {
    path: tty.path,
    setFault: (unitId, fault, answers = Number.POSITIVE_INFINITY) => {
      Object.assign(meterOf(unitId), { fault, faultyAnswers: answers });
    },
    stateOf: (unitId) => meterOf(unitId).stateAt(nowMs()),
    unplug: () => {
      silence();
      return tty.unplug();
    },
    replug: () => tty.plug(),
    stop: () => {
      silence();
      return tty.close();
    },
  };
}

function createMeter(line: SimulatedLineOptions, meter: SimulatedMeterOptions): Meter {
  const { startedAtMs, startMinute, timeLapse } = line;
  const { curve, initial } = meter;
  const stateAt = createEnergyCounter({ curve, startedAtMs, startMinute, timeLapse, initial });
  return { ...meter, stateAt, waiting: [], fault: IN_ORDER, faultyAnswers: 0 };
}

function nextFault(meter: Meter): Fault {
  const { fault } = meter;
  meter.faultyAnswers--;
  if (meter.faultyAnswers <= 0) meter.fault = IN_ORDER;
  return fault;
}

function answerOf(meter: Meter, request: ReadRequest, nowMs: UnixMs): BankAnswer {
  if (request.read === null) return { kind: "exception", code: 1 };
  return answerRead(meter.definition, meter.serial, meter.stateAt(nowMs), request.read);
}

function delayMs(options: SimulatedLineOptions, request: ReadRequest): number {
  const { settings, thinkTimeMs, hasWireTime } = options;
  if (!hasWireTime) return thinkTimeMs;
  const count = Math.min(request.read?.count ?? 0, MAX_ANSWERED_REGISTERS);
  const wireMs = requestMs(settings) + answerMs(settings, count);
  return thinkTimeMs + wireMs + silentIntervalMs(settings);
}
