/**
 * One serial line and everything on it: a bounded queue, the silences between requests, time limits, retries,
 * protection from late answers, counters per unit, and reopening of a port that vanished.
 */
import type { UnixMs } from "../../agent/core/units.ts";
import type { DeviceCounters } from "../../agent/ports/meter.ts";
import type { MeterDefinition } from "../definition.ts";
import { DriverError, isWorthRetrying } from "../driverError.ts";
import type { RegisterRead } from "../plan.ts";
import { shapeOf } from "./answerSearch.ts";
import type { ReadAnswer } from "./connection.ts";
import { type Counters, counterOfError, countersOf, countFor } from "./counters.ts";
import {
  isAmbiguous,
  type OpenReadList,
  probeBefore,
  stillOpen,
  withAnswered,
  withSent,
} from "./lateAnswers.ts";
import { type LineEvent, PortKeeper } from "./portKeeper.ts";
import { answerMs, type LineSettings, requestMs, silentIntervalMs } from "./timing.ts";

/** How a line behaves; see {@link DEFAULT_BUS_TUNING}. */
export type BusTuning = {
  /** Silence before a request to another unit than the last. */
  readonly unitChangeGapMs: number;
  /** Silence after a request that failed, in case the answer is only slow. */
  readonly quietAfterFailureMs: number;
  /** Longest time after which an answer may still arrive. */
  readonly lateAnswerMs: number;
  /** Requests for one read, the first included. */
  readonly attempts: number;
  /** Callers that may wait at once. */
  readonly maxQueued: number;
  /** Pause before the first attempt to reopen; it doubles up to the most. */
  readonly reopenFirstMs: number;
  readonly reopenMostMs: number;
};

/** What a bus is made of. */
export type BusOptions = {
  /** Serial device; best a stable name such as one under /dev/serial/by-id. */
  readonly path: string;
  readonly settings: LineSettings;
  readonly tuning: BusTuning;
  readonly nowMs: () => UnixMs;
  readonly onEvent: (event: LineEvent) => void;
};

/** Reads of one unit, done one after another without another unit in between. */
export type BusRequest = {
  readonly unitId: number;
  readonly definition: Pick<MeterDefinition, "timing" | "maxRegistersPerRead">;
  readonly reads: readonly RegisterRead[];
};

/** Values that suit meters at the far end of a long line; mixed lines need 200 ms at a change of unit. */
export const DEFAULT_BUS_TUNING: BusTuning = {
  unitChangeGapMs: 200,
  quietAfterFailureMs: 250,
  lateAnswerMs: 5_000,
  attempts: 2,
  maxQueued: 32,
  reopenFirstMs: 500,
  reopenMostMs: 10_000,
};

/** Probes before one read; more would mean that answers do not come in order. */
const MAX_PROBES = 4;

type Job = {
  readonly request: BusRequest;
  readonly resolve: (answers: readonly ReadAnswer[]) => void;
  readonly reject: (error: unknown) => void;
};

/** A line in use. */
export class Bus {
  readonly #options: BusOptions;
  readonly #counters: Counters = new Map();
  readonly #open = new Map<number, OpenReadList>();
  readonly #port: PortKeeper;
  #queue: Job[] = [];
  #current: Job | null = null;
  #lastUnitId: number | null = null;
  #hasFailed = false;
  #isClosed = false;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#port = new PortKeeper({
      ...options,
      listener: {
        onForeignFrame: (frame) => this.#noteForeignFrame(frame),
        onEcho: () => this.#noteEcho(),
      },
      onLost: (error) => this.#rejectAll(error),
    });
  }

  /**
   * Opens the line.
   *
   * @param keepsTrying when the port is not there: false throws, true reports it and opens as soon as it comes
   * @throws DriverError `DRIVER_PORT_OPEN`
   */
  open(keepsTrying: boolean): Promise<void> {
    return this.#port.open(keepsTrying);
  }

  /**
   * Reads registers of one unit; callers are served in the order they came.
   *
   * @param request unit, its limits and what to read
   * @returns one answer for each read, in order; all of them fresh
   * @throws DriverError
   */
  read(request: BusRequest): Promise<readonly ReadAnswer[]> {
    const { path, tuning } = this.#options;
    if (this.#isClosed) return Promise.reject(new DriverError("DRIVER_CLOSED", { path }));
    if (!this.#port.isOpen) return Promise.reject(this.#port.goneError());
    if (this.#queue.length >= tuning.maxQueued)
      return Promise.reject(new DriverError("DRIVER_QUEUE_FULL", { path, maxQueued: tuning.maxQueued }));
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      if (this.#current === null) void this.#serve();
    });
  }

  /** @param unitId of a meter @returns what became of its requests since the line was opened */
  counters(unitId: number): DeviceCounters {
    return countersOf(this.#counters, unitId);
  }

  /** Closes the line for good; whoever waits is told `DRIVER_CLOSED`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rejectAll(new DriverError("DRIVER_CLOSED", { path: this.#options.path }));
    await this.#port.close();
  }

  async #serve(): Promise<void> {
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) {
      this.#current = job;
      try {
        job.resolve(await this.#perform(job.request));
      } catch (error) {
        job.reject(error);
      }
    }
    this.#current = null;
  }

  async #perform(request: BusRequest): Promise<readonly ReadAnswer[]> {
    const answers: ReadAnswer[] = [];
    for (const read of request.reads) answers.push(await this.#readWithRetries(request, read));
    return answers;
  }

  async #readWithRetries(request: BusRequest, read: RegisterRead): Promise<ReadAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#readUnambiguously(request, read);
      } catch (error) {
        const mayRetry = error instanceof DriverError && isWorthRetrying(error);
        if (!mayRetry || attempt >= this.#options.tuning.attempts) throw error;
      }
    }
  }

  async #readUnambiguously(request: BusRequest, read: RegisterRead): Promise<ReadAnswer> {
    const { unitId, definition } = request;
    for (let probes = 0; isAmbiguous(this.#openReads(unitId), read); probes++) {
      const probe = probeBefore(read, definition.maxRegistersPerRead);
      if (probe === null || probes >= MAX_PROBES)
        throw new DriverError("DRIVER_TIMEOUT", { unitId, why: "waiting for late answers to pass" });
      await this.#exchange(request, probe);
    }
    return await this.#exchange(request, read);
  }

  async #exchange(request: BusRequest, read: RegisterRead): Promise<ReadAnswer> {
    const { unitId } = request;
    const connection = this.#port.connection();
    await connection.silence(this.#gapBefore(request));
    this.#lastUnitId = unitId;
    const untilMs = performance.now() + this.#options.tuning.lateAnswerMs;
    this.#open.set(unitId, withSent(this.#openReads(unitId), read, untilMs));
    try {
      const answer = await connection.read(unitId, read, this.#timeoutMs(request, read));
      this.#hasFailed = false;
      this.#open.set(unitId, withAnswered(this.#openReads(unitId), read));
      countFor(this.#counters, unitId, "ok");
      return answer;
    } catch (error) {
      if (error instanceof DriverError) this.#noteFailure(unitId, error);
      throw error;
    }
  }

  /** An exception is this read's answer only when no other read is open; after any other failure one may still come. */
  #noteFailure(unitId: number, error: DriverError): void {
    const counter = counterOfError(error);
    if (counter !== null) countFor(this.#counters, unitId, counter);
    this.#hasFailed = error.code !== "DRIVER_EXCEPTION";
    const open = this.#openReads(unitId);
    const isTheOnlyOne = open.length === 1 && open[0]?.sends === 1;
    if (!this.#hasFailed && isTheOnlyOne) this.#open.delete(unitId);
  }

  #openReads(unitId: number): OpenReadList {
    return stillOpen(this.#open.get(unitId) ?? [], performance.now());
  }

  #gapBefore(request: BusRequest): number {
    const { settings, tuning } = this.#options;
    const isUnitChange = this.#lastUnitId !== null && this.#lastUnitId !== request.unitId;
    const gapMs = isUnitChange ? tuning.unitChangeGapMs : request.definition.timing.gapMs;
    const quietMs = this.#hasFailed ? tuning.quietAfterFailureMs : 0;
    return Math.max(gapMs, quietMs, silentIntervalMs(settings));
  }

  #timeoutMs(request: BusRequest, read: RegisterRead): number {
    const { settings } = this.#options;
    const wireMs = requestMs(settings) + answerMs(settings, read.count) + 2 * silentIntervalMs(settings);
    return Math.ceil(wireMs + request.definition.timing.answerTimeoutMs);
  }

  #rejectAll(error: DriverError): void {
    const waiting = this.#queue;
    this.#queue = [];
    this.#current?.reject(error);
    for (const job of waiting) job.reject(error);
  }

  #noteEcho(): void {
    if (this.#lastUnitId !== null) countFor(this.#counters, this.#lastUnitId, "echo");
  }

  #noteForeignFrame(frame: Uint8Array): boolean {
    const [unitId = 0] = frame;
    const open = this.#openReads(unitId);
    const isLate = open.length > 0 || unitId === this.#lastUnitId;
    if (!isLate) return false;
    countFor(this.#counters, unitId, "late");
    const shape = shapeOf(frame);
    if (shape !== null) this.#open.set(unitId, withAnswered(open, shape));
    return true;
  }
}
