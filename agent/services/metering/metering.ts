/**
 * Reads every meter at each interval boundary, states the interval between two boundaries, signs the statement
 * once and keeps it in the outbox before anybody hears of it.
 */

import { isAgentError } from "../../core/errors.ts";
import type { GenesisBody } from "../../core/membership/genesis.ts";
import { stateInterval } from "../../core/metering/delta.ts";
import { plausibleWh } from "../../core/metering/energy.ts";
import {
  boundaryToleranceMs,
  intervalAt,
  intervalEndMs,
  intervalStartMs,
  laterInterval,
} from "../../core/metering/interval.ts";
import type { MissingReason, SignedReading, TimeStatus } from "../../core/metering/reading.ts";
import { type IntervalIndex, intervalIndex, type UnixMs, unixMs, type Wh, wh } from "../../core/units.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { FrameStore } from "../../ports/frameStore.ts";
import type { Logger } from "../../ports/logger.ts";
import { frameKeeper, type KeepFrames, type ReadMeter } from "./frameKeeper.ts";
import { type LastSample, type MeteredMeter, MeterReader } from "./meterReader.ts";
import { MeterSerials } from "./meterSerials.ts";
import type { OwnReadings, Statement } from "./ownReadings.ts";

/** Settings of the metering. */
export type MeteringOptions = {
  readonly connectionRatingW: number;
  readonly genesis: GenesisBody;
  /** Intervals below it were stated in an earlier life, perhaps under a clock that was ahead. */
  readonly firstUnstated: IntervalIndex;
  /** @returns the serial number that a place of the enrolment has by now; null where there is none */
  readonly enrolledSerial: (place: number) => string | null;
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

type Boundary = {
  readonly boundary: IntervalIndex;
  readonly sample: readonly ReadMeter[];
  readonly time: TimeStatus;
};

/** Most intervals that are stated at once after the clock jumped: a block's worth. */
const MAX_GAP_INTERVALS = 96;
/** Most of an interval that reading the meters may begin before its boundary. */
const MAX_LEAD_SHARE = 1 / 4;

/** Meters, boundaries, readings. */
export class MeteringService {
  readonly #options: MeteringOptions;
  readonly #modules: MeteringModules;
  readonly #keepFrames: KeepFrames;
  readonly #serials: MeterSerials;
  readonly #reader: MeterReader;
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
    this.#serials = new MeterSerials(options.enrolledSerial, modules.logger);
    this.#reader = new MeterReader(modules.meters, this.#serials, modules.logger);
  }

  /** Begins with the next boundary, at the earliest the beginning of the genesis' first interval. */
  start(): void {
    this.#scheduleBoundary(this.#nextBoundary());
  }

  /** No boundary is read any more; a read-out in progress ends by itself and is not stated. */
  stop(): void {
    this.#isStopped = true;
    this.#reader.stop();
    this.#cancel();
  }

  /** @returns what was last read, per meter in enrolment order */
  lastSamples(): readonly LastSample[] {
    return this.#reader.lastSamples();
  }

  /**
   * The running interval is a swap's: no difference of registers says what passed in it.
   *
   * @param place in the enrolment of the meter that is swapped
   * @param newSerial of the meter that is expected there from now on
   * @returns the interval, the next one where the boundary after the running one was read already
   */
  beginSwap(place: number, newSerial: string): IntervalIndex {
    const running = intervalAt(this.#modules.clock.nowMs(), this.#options.genesis.intervalMs);
    const interval = intervalIndex(Math.max(running, this.#start?.boundary ?? 0));
    this.#swapped.add(interval);
    this.#serials.announce(interval, place, newSerial);
    return interval;
  }

  /** @param interval of a swap that was not stated */
  forgetSwap(interval: IntervalIndex): void {
    this.#swapped.delete(interval);
    this.#serials.forgetAnnounced(interval);
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
    const sample = await this.#reader.read(this.#start?.sample ?? []);
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

  async #stateInterval(
    { interval, time }: Pick<Statement, "interval" | "time">,
    start: Boundary["sample"] | null,
    end: Boundary["sample"],
  ): Promise<void> {
    const { onReading } = this.#modules;
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
    if (content.kind === "missing") this.#noteMissingInterval(interval, content.reason);
    this.#deliverAfter(intervalEndMs(interval, intervalMs), signed, onReading);
  }

  /** What spoils an interval may be another meter: each is asked again who it is. */
  #noteMissingInterval(interval: IntervalIndex, reason: MissingReason): void {
    this.#modules.logger.warn("reading.missing", { interval, reason });
    for (const place of this.#modules.meters.keys()) this.#serials.noteGap(place);
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
