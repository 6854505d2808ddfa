/** One simulated meter on a line: what its registers hold, and which fault it has. */
import type { UnixMs } from "../../agent/core/units.ts";
import type { MeterDefinition } from "../definition.ts";
import type { PowerCurve } from "./curve.ts";
import { type CounterState, createEnergyCounter, type InitialEnergies } from "./energyCounter.ts";
import { applyFault, type Burst, delayOf, type Fault } from "./fault.ts";
import { answerFrame, type ReadRequest } from "./readRequest.ts";
import { answerRead } from "./registerBank.ts";
import { faultyDefinition, faultyState, type RegisterFault } from "./registerFault.ts";
import type { SpaceAnswer, WritableSpace } from "./writableSpace.ts";

const IN_ORDER: Fault = { kind: "none" };

/** What a simulated meter is made of. */
export type SimulatedMeterOptions = {
  readonly definition: MeterDefinition;
  readonly unitId: number;
  /** Serial number, 0 … 2³² − 1. */
  readonly serial: number;
  readonly curve: PowerCurve;
  readonly initial: InitialEnergies;
  /** What can be written in it; default: nothing. */
  readonly writable?: WritableSpace;
  /** The one speed at which it understands; default: any, since a terminal device has none. */
  readonly heedsBaudRate?: number;
};

/** How a meter's virtual time runs. */
export type VirtualTime = {
  /** Real instant at which virtual time starts to run. */
  readonly startedAtMs: UnixMs;
  /** Virtual minute of the day at that instant, 0 … 1439. */
  readonly startMinute: number;
  /** Virtual time for each unit of real time; 180 is a quarter of an hour in 5 s. */
  readonly timeLapse: number;
};

/** What goes on the wire for one request. */
export type PlannedAnswer = {
  /** By how much a fault delays it. */
  readonly delayMs: number;
  /** @param nowMs when it is due @returns the bytes, in order */
  readonly burstsAt: (nowMs: UnixMs) => readonly Burst[];
};

/** Answers requests; faults are set from outside. */
export class SimulatedMeter {
  readonly options: SimulatedMeterOptions;
  readonly #stateAt: (nowMs: UnixMs) => CounterState;
  #fault: Fault = IN_ORDER;
  #faultyAnswers = 0;
  #registerFault: RegisterFault = { kind: "none" };
  #faultySince: CounterState;

  constructor(options: SimulatedMeterOptions, time: VirtualTime) {
    const { curve, initial } = options;
    this.options = options;
    this.#stateAt = createEnergyCounter({ ...time, curve, initial });
    this.#faultySince = this.#stateAt(time.startedAtMs);
  }

  /** @param fault from the next answer on @param answers after which it is in order again */
  setFault(fault: Fault, answers: number): void {
    this.#fault = fault;
    this.#faultyAnswers = answers;
  }

  /** @param fault of the registers @param nowMs since when */
  setRegisterFault(fault: RegisterFault, nowMs: UnixMs): void {
    this.#registerFault = fault;
    this.#faultySince = this.#stateAt(nowMs);
  }

  /** @param nowMs now @returns what the counters would hold in a meter in order */
  stateAt(nowMs: UnixMs): CounterState {
    return this.#stateAt(nowMs);
  }

  /** @param request to this unit @returns its answer; the next request gets the next fault */
  answer(request: ReadRequest): PlannedAnswer {
    const fault = this.#fault;
    this.#faultyAnswers--;
    if (this.#faultyAnswers <= 0) this.#fault = IN_ORDER;
    return {
      delayMs: delayOf(fault),
      // What was not heard is not done.
      burstsAt: (nowMs) =>
        fault.kind === "unheard"
          ? []
          : applyFault(answerFrame(request, this.#answerAt(request, fault, nowMs)), fault),
    };
  }

  #answerAt({ read, write }: ReadRequest, fault: Fault, nowMs: UnixMs): SpaceAnswer {
    const { definition, serial, writable } = this.options;
    if (writable !== undefined && write !== undefined && fault.kind !== "exception")
      return writable.write(write, nowMs);
    const own = read === null ? null : (writable?.read(read, nowMs) ?? null);
    if (own !== null) return own;
    if (read === null || read.table === "coil") return { kind: "exception", code: 1 };
    const state = faultyState(this.#stateAt(nowMs), this.#registerFault, this.#faultySince);
    return answerRead(faultyDefinition(definition, this.#registerFault), serial, state, read);
  }
}
