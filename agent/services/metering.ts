/**
 * Reads every meter at each interval boundary, states the interval between two boundaries, signs the statement
 * once and keeps it in the outbox before anybody hears of it.
 */

import { isAgentError } from "../core/errors.ts";
import type { MeterRole } from "../core/membership/enrolment.ts";
import type { GenesisBody } from "../core/membership/genesis.ts";
import { stateInterval } from "../core/metering/delta.ts";
import { plausibleWh } from "../core/metering/energy.ts";
import {
  boundaryToleranceMs,
  intervalAt,
  intervalEndMs,
  intervalStartMs,
  laterInterval,
} from "../core/metering/interval.ts";
import type { MissingReason, SignedReading, TimeStatus } from "../core/metering/reading.ts";
import { type IntervalIndex, intervalIndex, type UnixMs, unixMs, type Wh, wh } from "../core/units.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { FrameStore } from "../ports/frameStore.ts";
import type { Logger } from "../ports/logger.ts";
import type { Meter, MeterSample } from "../ports/meter.ts";
import { frameKeeper, type KeepFrames, type ReadMeter } from "./frameKeeper.ts";
import { registersOf } from "./meterRegisters.ts";
import type { OwnReadings, Statement } from "./ownReadings.ts";

/** One enrolled meter, in the order of the enrolment. */
export type MeteredMeter = {
  readonly role: MeterRole;
  readonly definition: string;
  readonly unitId: number;
  readonly meter: Meter;
};

/** Settings of the metering. */
export type MeteringOptions = {
  readonly connectionRatingW: number;
  readonly genesis: GenesisBody;
  /** Intervals below it were stated in an earlier life, perhaps under a clock that was ahead. */
  readonly firstUnstated: IntervalIndex;
};

/** What the metering is made of. */
export type MeteringModules = {
  readonly meters: readonly MeteredMeter[];
  readonly clock: Clock;
  readonly readings: OwnReadings;
  readonly frames: FrameStore;
  /** Takes a reading that is durable. */
  readonly onReading: (signed: SignedReading) => void;
  readonly logger: Logger;
  readonly onFault: (error: unknown) => void;
};

/** What was last read from a meter; for people, never for trade. */
export type LastSample =
  | { readonly kind: "never-read" }
  | { readonly kind: "measured"; readonly sample: MeterSample }
  | { readonly kind: "missing"; readonly reason: MissingReason; readonly lastTakenAtMs: UnixMs | null };

type Boundary = {
  readonly boundary: IntervalIndex;
  readonly sample: readonly ReadMeter[];
  readonly time: TimeStatus;
};

/** Most intervals that are stated at once after the clock jumped: a block's worth. */
const MAX_GAP_INTERVALS = 96;
/** Most of an interval that reading the meters may begin before its boundary. */
const MAX_LEAD_SHARE = 1 / 4;

/** Which missing reason a driver's code is stated as; anything else is a meter error. */
const REASON_OF_CODE: ReadonlyMap<string, MissingReason> = new Map([
  ["DRIVER_TIMEOUT", "meter-timeout"],
  ["DRIVER_PORT_GONE", "port-gone"],
  ["DRIVER_PORT_OPEN", "port-gone"],
  ["DRIVER_PORT_LENT", "port-gone"],
]);

/** Meters, boundaries, readings. */
export class MeteringService {
  readonly #options: MeteringOptions;
  readonly #modules: MeteringModules;
  readonly #keepFrames: KeepFrames;
  readonly #lastSamples: LastSample[];
  /** Meters of which the log says that they are silent. */
  readonly #toldSilent = new Set<number>();
  /** The newest boundary; null while the clock is not to be trusted. */
  #start: Boundary | null = null;
  #carry: Wh = wh(0n);
  /** Intervals in which a meter was swapped and that are not stated yet. */
  readonly #swapped = new Set<IntervalIndex>();
  #cancel: Cancel = () => {};
  #isStopped = false;

  constructor(options: MeteringOptions, modules: MeteringModules) {
    this.#options = options;
    this.#modules = modules;
    this.#keepFrames = frameKeeper(modules.frames, modules.logger);
    this.#lastSamples = modules.meters.map(() => ({ kind: "never-read" }));
  }

  /** Begins with the next boundary, at the earliest the beginning of the genesis' first interval. */
  start(): void {
    this.#scheduleBoundary(this.#nextBoundary());
  }

  /** No boundary is read any more; a read-out in progress ends by itself and is not stated. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** @returns what was last read, per meter in enrolment order */
  lastSamples(): readonly LastSample[] {
    return this.#lastSamples;
  }

  /**
   * The running interval is a swap's: no difference of registers says what passed in it.
   *
   * @returns the interval, the next one where the boundary after the running one was read already
   */
  beginSwap(): IntervalIndex {
    const running = intervalAt(this.#modules.clock.nowMs(), this.#options.genesis.intervalMs);
    const interval = intervalIndex(Math.max(running, this.#start?.boundary ?? 0));
    this.#swapped.add(interval);
    return interval;
  }

  /** @param interval of a swap that was not stated */
  forgetSwap(interval: IntervalIndex): void {
    this.#swapped.delete(interval);
  }

  #nextBoundary(): IntervalIndex {
    const { genesis, firstUnstated } = this.#options;
    const { firstInterval, intervalMs } = genesis;
    const soonestMs = this.#modules.clock.nowMs() + this.#leadMs();
    const next = laterInterval(intervalAt(unixMs(Math.ceil(soonestMs)), intervalMs), 1);
    // A boundary is read once under a trusted clock, though that may be set back; another clock binds to nothing.
    const unread = this.#start === null ? next : this.#start.boundary + 1;
    return intervalIndex(Math.max(next, unread, firstInterval, firstUnstated));
  }

  /** Reading begins early by as long as it takes, so that the registers are those of the boundary. */
  #leadMs(): number {
    const { intervalMs } = this.#options.genesis;
    const durationMs = this.#modules.meters.reduce((sum, { meter }) => sum + meter.sampleDurationMs, 0);
    return Math.floor(Math.min(durationMs, boundaryToleranceMs(intervalMs), intervalMs * MAX_LEAD_SHARE));
  }

  #scheduleBoundary(boundary: IntervalIndex): void {
    if (this.#isStopped) return;
    const { clock, onFault } = this.#modules;
    const { intervalMs } = this.#options.genesis;
    const dueMs = intervalStartMs(boundary, intervalMs) - this.#leadMs();
    // Never longer than an interval: whoever sets the clock meanwhile is noticed by then.
    const delayMs = Math.min(Math.max(0, dueMs - clock.nowMs()), intervalMs);
    this.#cancel = clock.after(delayMs, () => {
      const lateMs = clock.nowMs() - dueMs;
      if (lateMs < 0 || lateMs > intervalMs / 2) return this.#scheduleBoundary(this.#nextBoundary());
      this.#readBoundary(boundary).catch((error: unknown) => {
        this.stop();
        onFault(error);
      });
    });
  }

  async #readBoundary(boundary: IntervalIndex): Promise<void> {
    const { clock, meters, logger } = this.#modules;
    const sample = await Promise.all(meters.map((metered, index) => this.#readMeter(metered, index)));
    if (this.#isStopped) return;
    const before = this.#start;
    const trust = clock.trust();
    this.#start = trust === "unsynchronised" ? null : { boundary, sample, time: trust };
    if (this.#start === null) logger.warn("reading.withheld", { interval: boundary, clock: trust });
    else if (before === null) logger.info("metering.began", { interval: boundary, meters: meters.length });
    else await this.#stateSince(before, this.#start);
    this.#scheduleBoundary(this.#nextBoundary());
  }

  /** What lies further back than a block's worth stays unsaid: the ledger lists it as silent. */
  async #stateSince(before: Boundary, { boundary, sample, time: endTime }: Boundary): Promise<void> {
    const time = before.time === "synchronised" ? endTime : before.time;
    const first = intervalIndex(Math.max(before.boundary, boundary - MAX_GAP_INTERVALS));
    const start = before.boundary + 1 === boundary ? before.sample : null;
    for (let interval = first; interval < boundary; interval = laterInterval(interval, 1))
      await this.#stateInterval({ interval, time }, start, sample);
  }

  async #readMeter(metered: MeteredMeter, index: number): Promise<ReadMeter> {
    const { role, meter } = metered;
    try {
      const sample = await meter.sample();
      this.#noteSuccess(metered, index, sample);
      const registers = registersOf(role, sample);
      if (registers === null) return { kind: "failed", role, reason: "register-absent", raw: [] };
      return {
        kind: "sampled",
        role,
        takenAtMs: sample.takenAtMs,
        registers,
        activePowerW: sample.activePower === null ? null : Math.trunc(sample.activePower),
        resolutionMilliWh: sample.resolutionMilliWh,
        frames: sample.frames.map((frame) => frame.response),
        raw: sample.frames,
      };
    } catch (error) {
      if (!isAgentError(error)) throw error;
      if (this.#isStopped) return { kind: "failed", role, reason: "meter-error", raw: [] };
      const reason = REASON_OF_CODE.get(error.code) ?? "meter-error";
      this.#noteFailure(metered, index, reason, error);
      return { kind: "failed", role, reason, raw: [] };
    }
  }

  #noteSuccess({ role, unitId }: MeteredMeter, index: number, sample: MeterSample): void {
    this.#lastSamples[index] = { kind: "measured", sample };
    if (this.#toldSilent.delete(index)) this.#modules.logger.info("meter.back", { role, unitId });
  }

  #noteFailure(metered: MeteredMeter, index: number, reason: MissingReason, error: unknown): void {
    const last = this.#lastSamples[index];
    const wasMissing = last?.kind === "missing";
    const lastTakenAtMs =
      last?.kind === "measured" ? last.sample.takenAtMs : wasMissing ? last.lastTakenAtMs : null;
    this.#lastSamples[index] = { kind: "missing", reason, lastTakenAtMs };
    // A port that is gone is told once by its line, not by each of its meters.
    if (reason === "port-gone" || this.#toldSilent.has(index)) return;
    this.#toldSilent.add(index);
    const fields = { role: metered.role, unitId: metered.unitId, reason };
    this.#modules.logger.error("meter.silent", error, fields);
  }

  async #stateInterval(
    { interval, time }: Pick<Statement, "interval" | "time">,
    start: Boundary["sample"] | null,
    end: Boundary["sample"],
  ): Promise<void> {
    const { logger, onReading } = this.#modules;
    const { genesis, connectionRatingW } = this.#options;
    const { intervalMs, timeLapse } = genesis;
    const boundWh = plausibleWh(connectionRatingW, intervalMs, timeLapse);
    const limits = { intervalMs, timeLapse, boundWh };
    const { content, carry } = this.#swapped.delete(interval)
      ? { content: { kind: "missing", reason: "meter-swap" } as const, carry: this.#carry }
      : stateInterval(interval, limits, start, end, this.#carry);
    this.#carry = carry;
    const signed = await this.#state({ interval, time, content });
    if (signed === null) return;
    if (content.kind === "measured" && start !== null)
      this.#keepFrames({ interval, framesHash: content.framesHash }, start, end);
    if (content.kind === "missing") logger.warn("reading.missing", { interval, reason: content.reason });
    this.#deliverAfter(intervalEndMs(interval, intervalMs), signed, onReading);
  }

  /** A full outbox ends nothing: the meters count on, and once there is room a spanning reading makes up for it. */
  async #state(statement: Statement): Promise<SignedReading | null> {
    try {
      return await this.#modules.readings.state(statement);
    } catch (error) {
      if (!isAgentError(error) || error.code !== "JOURNAL_FULL") throw error;
      this.#modules.logger.error("reading.not-kept", error, { interval: statement.interval });
      return null;
    }
  }

  /** An interval's reading is told once the interval has ended, though its closing sample may be taken just before. */
  #deliverAfter(endMs: UnixMs, signed: SignedReading, onReading: (signed: SignedReading) => void): void {
    const { clock } = this.#modules;
    const waitMs = endMs - clock.nowMs();
    if (waitMs <= 0) return onReading(signed);
    clock.after(waitMs, () => {
      if (!this.#isStopped) onReading(signed);
    });
  }
}
