/** Simulated meters on a line: they answer Modbus RTU on a real terminal device, at the pace of a real wire. */
import type { UnixMs } from "../../agent/core/units.ts";
import { answerMs, type LineSettings, requestMs, silentIntervalMs } from "../modbus/timing.ts";
import type { CounterState } from "./energyCounter.ts";
import type { Burst, Fault } from "./fault.ts";
import { type ReadRequest, takeRequests } from "./readRequest.ts";
import type { RegisterFault } from "./registerFault.ts";
import { SimulatedMeter, type SimulatedMeterOptions, type VirtualTime } from "./simulatedMeter.ts";
import { SimulatedTty } from "./simulatedTty.ts";

/** Requests a meter keeps while it is still at an earlier one; more are lost. */
const MAX_WAITING_REQUESTS = 8;
/** @source Modbus Application Protocol V1.1b3, sections 6.3 and 6.4 */
const MAX_ANSWERED_REGISTERS = 125;

/** A simulated line. */
export type SimulatedLineOptions = VirtualTime & {
  readonly settings: LineSettings;
  readonly meters: readonly SimulatedMeterOptions[];
  readonly nowMs: () => UnixMs;
  readonly thinkTimeMs: number;
  /** True: an answer takes as long as its characters would on the wire. */
  readonly hasWireTime: boolean;
};

/** A running simulated line. */
export interface SimulatedLine {
  /** The device a client opens: a name that stays when the device behind it changes. */
  readonly path: string;
  /** Directory that is laid out like /dev/serial. */
  readonly serialLinks: string;
  /** The name the kernel has given the device; another one after it was put back under another name. */
  readonly deviceName: string;
  /**
   * Makes a meter misbehave on the wire.
   *
   * @param unitId of the meter
   * @param fault from its next answer on; `none` sets it right
   * @param answers after which it is in order again; default: never
   */
  setFault(unitId: number, fault: Fault, answers?: number): void;
  /** Makes a meter's registers misbehave. @param unitId of the meter @param fault from now on; `none` sets it right */
  setRegisterFault(unitId: number, fault: RegisterFault): void;
  /** @param hasEcho true: the adapter sends back whatever the client sends */
  setEcho(hasEcho: boolean): void;
  /** @param unitId of a meter @returns what its counters would hold now in a meter in order */
  stateOf(unitId: number): CounterState;
  /** Pulls the adapter: the device vanishes from under its client. */
  unplug(): Promise<void>;
  /** Puts it back: another device under the same stable name. @param name the kernel gives it; default: the one before */
  replug(name?: string): Promise<void>;
  /** Ends the line. */
  stop(): Promise<void>;
}

/** @param options meters, pace and virtual time @returns the line, answering @throws Error when no device can be made */
export async function startSimulatedLine(options: SimulatedLineOptions): Promise<SimulatedLine> {
  const line = new Line(options);
  await line.start();
  return line;
}

type OnLine = { readonly meter: SimulatedMeter; readonly waiting: ReadRequest[] };

class Line implements SimulatedLine {
  readonly #options: SimulatedLineOptions;
  readonly #meters: ReadonlyMap<number, OnLine>;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #tty: SimulatedTty;
  #rest: Uint8Array = new Uint8Array();
  #hasEcho = false;

  constructor(options: SimulatedLineOptions) {
    this.#options = options;
    this.#meters = new Map(
      options.meters.map((meter) => [
        meter.unitId,
        { meter: new SimulatedMeter(meter, options), waiting: [] },
      ]),
    );
    this.#tty = new SimulatedTty((bytes) => this.#receive(bytes));
  }

  get path(): string {
    return this.#tty.path;
  }

  get serialLinks(): string {
    return this.#tty.serialLinks;
  }

  get deviceName(): string {
    return this.#tty.deviceName;
  }

  start(): Promise<void> {
    return this.#tty.plug();
  }

  setFault(unitId: number, fault: Fault, answers = Number.POSITIVE_INFINITY): void {
    this.#onLine(unitId).meter.setFault(fault, answers);
  }

  setRegisterFault(unitId: number, fault: RegisterFault): void {
    this.#onLine(unitId).meter.setRegisterFault(fault, this.#options.nowMs());
  }

  setEcho(hasEcho: boolean): void {
    this.#hasEcho = hasEcho;
  }

  stateOf(unitId: number): CounterState {
    return this.#onLine(unitId).meter.stateAt(this.#options.nowMs());
  }

  unplug(): Promise<void> {
    this.#silence();
    return this.#tty.unplug();
  }

  replug(name?: string): Promise<void> {
    return this.#tty.plug(name);
  }

  stop(): Promise<void> {
    this.#silence();
    return this.#tty.close();
  }

  #onLine(unitId: number): OnLine {
    const found = this.#meters.get(unitId);
    if (found === undefined) throw new RangeError(`no simulated meter with unit ${unitId}`);
    return found;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#hasEcho) this.#tty.write(bytes);
    const taken = takeRequests(Uint8Array.from([...this.#rest, ...bytes]));
    this.#rest = taken.rest;
    for (const request of taken.requests) void this.#take(request);
  }

  async #take(request: ReadRequest): Promise<void> {
    const found = this.#meters.get(request.unitId);
    if (found === undefined || found.waiting.length >= MAX_WAITING_REQUESTS) return;
    const { heedsBaudRate } = found.meter.options;
    if (heedsBaudRate !== undefined && heedsBaudRate !== (await this.#tty.baudRate())) return;
    found.waiting.push(request);
    if (found.waiting.length === 1) this.#answerNext(found, request);
  }

  #answerNext(onLine: OnLine, request: ReadRequest): void {
    const { delayMs, burstsAt } = onLine.meter.answer(request);
    this.#after(answerDelayMs(this.#options, request) + delayMs, () => {
      this.#send(burstsAt(this.#options.nowMs()));
      onLine.waiting.shift();
      const next = onLine.waiting[0];
      if (next !== undefined) this.#answerNext(onLine, next);
    });
  }

  #send([burst, ...others]: readonly Burst[]): void {
    if (burst === undefined) return;
    const { bytes, afterMs } = burst;
    const send = (): void => {
      this.#tty.write(bytes);
      this.#send(others);
    };
    if (afterMs === 0) send();
    else this.#after(afterMs, send);
  }

  #after(delayMs: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }

  #silence(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#rest = new Uint8Array();
    for (const { waiting } of this.#meters.values()) waiting.length = 0;
  }
}

function answerDelayMs(options: SimulatedLineOptions, request: ReadRequest): number {
  const { settings, thinkTimeMs, hasWireTime } = options;
  if (!hasWireTime) return thinkTimeMs;
  const count = Math.min(request.read?.count ?? 0, MAX_ANSWERED_REGISTERS);
  const wireMs = requestMs(settings) + answerMs(settings, count);
  return thinkTimeMs + wireMs + silentIntervalMs(settings);
}
