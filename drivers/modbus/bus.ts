/**
 * One line and everything on it: a bounded queue, the silences between requests, time limits, retries, rest for
 * defective meters, counters per unit, and a port that is reopened when it vanished and lent to who asks for it.
 */
import type { DeviceCounters } from "../../agent/ports/meter.ts";
import { DriverError, isWorthRetrying } from "../driverError.ts";
import type { BusOptions, BusRequest, BusTask } from "./busOptions.ts";
import { writeCertainly } from "./certainWrite.ts";
import type { LineAnswer, ReadAnswer } from "./connection.ts";
import { type Counters, counterOfError, countersOf, countFor } from "./counters.ts";
import { JobQueue } from "./jobQueue.ts";
import { readLineAddress } from "./lineAddress.ts";
import {
  exchangeCharacters,
  functionCodeOf,
  isShown,
  isSingleWriteCode,
  isWrite,
  type LineRead,
  type LineRequest,
  type LineWrite,
  readBackOf,
  shapeOfRequest,
} from "./lineRequest.ts";
import { OpenReads } from "./openReads.ts";
import { PortKeeper } from "./portKeeper.ts";
import { exchangeMs, silentIntervalMs } from "./timing.ts";
import { afterFailure, HEALTHY, isDefective, type UnitHealth } from "./unitHealth.ts";

export { type BusTuning, DEFAULT_BUS_TUNING } from "./busOptions.ts";

/** Probes before one read; more would mean that answers do not come in order. */
const MAX_PROBES = 8;
/** Requests in a row without a byte, after which a TCP connection is taken for dead. */
const DEAD_AFTER_TIMEOUTS = 3;

/** A line in use. */
export class Bus {
  readonly #options: BusOptions;
  readonly #counters: Counters = new Map();
  readonly #health = new Map<number, UnitHealth>();
  readonly #open = new OpenReads();
  readonly #port: PortKeeper;
  readonly #queue: JobQueue<BusTask, readonly LineAnswer[]>;
  #rejectCurrent: ((error: unknown) => void) | null = null;
  #serving: Promise<void> | null = null;
  #lastUnitId: number | null = null;
  #hasFailed = false;
  #timeoutsInARow = 0;
  #isClosed = false;

  /** @throws DriverError `DRIVER_OPTION` when the path is none */
  constructor(options: BusOptions) {
    this.#options = options;
    this.#queue = new JobQueue(options.tuning.maxQueued);
    this.#port = new PortKeeper({
      ...options,
      rs485: options.rs485 ?? null,
      address: readLineAddress(options.path),
      listener: {
        onForeignFrame: (frame) => this.#noteForeignFrame(frame),
        onEcho: () => this.#noteEcho(),
        onTraffic: options.onTraffic ?? (() => {}),
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
   * Reads registers of one unit, as {@link ask} does.
   *
   * @param request unit, its limits and what to read
   * @returns one answer for each read, in order; all of them fresh
   * @throws DriverError
   */
  async read({ reads, ...task }: BusRequest): Promise<readonly ReadAnswer[]> {
    const answers = await this.ask({ ...task, requests: reads });
    return reads.flatMap((read, index) => {
      const answer = answers[index];
      return answer === undefined ? [] : [{ ...answer, read }];
    });
  }

  /**
   * Reads and writes one unit; callers are served in the order they came, those of a defective unit last.
   *
   * @param request unit, its limits and what to do; nothing after what fails is begun
   * @returns one answer for each, in order; all of them fresh
   * @throws DriverError
   */
  async ask(request: BusTask): Promise<readonly LineAnswer[]> {
    if (this.#isClosed) throw new DriverError("DRIVER_CLOSED", { path: this.#options.path });
    if (!this.#port.isOpen) throw this.#port.absence();
    const { unitId } = request;
    const restMs = this.#healthOf(unitId).restsUntilMs - performance.now();
    if (request.canWait === true && restMs > 0)
      throw new DriverError("DRIVER_RESTING", { unitId, forMs: Math.ceil(restMs) });
    return await new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      this.#serving ??= this.#serve();
    });
  }

  /** @param unitId of a meter @returns what became of its requests since the line was opened */
  counters(unitId: number): DeviceCounters {
    return countersOf(this.#counters, unitId);
  }

  /**
   * Lets another process have the port: the request under way is finished, whoever waits or comes is told
   * `DRIVER_PORT_LENT`.
   *
   * @returns takes the port back; a second call does nothing
   * @throws DriverError `DRIVER_PORT_LENT` when it is lent already
   */
  async lend(): Promise<() => Promise<void>> {
    await this.#port.lend(async () => {
      this.#queue.rejectAll(this.#port.absence());
      await this.#serving;
    });
    return () => this.#port.takeBack();
  }

  /** Closes the line for good; whoever waits is told `DRIVER_CLOSED`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rejectAll(new DriverError("DRIVER_CLOSED", { path: this.#options.path }));
    await this.#port.close();
  }

  async #serve(): Promise<void> {
    const isPatient = ({ unitId }: BusTask) => this.#isDefective(unitId);
    for (let job = this.#queue.take(isPatient); job !== undefined; job = this.#queue.take(isPatient)) {
      this.#rejectCurrent = job.reject;
      try {
        job.resolve(await this.#perform(job.request));
      } catch (error) {
        job.reject(error);
      }
    }
    this.#rejectCurrent = null;
    this.#serving = null;
  }

  async #perform(request: BusTask): Promise<readonly LineAnswer[]> {
    const { unitId } = request;
    const answers: LineAnswer[] = [];
    try {
      for (const each of request.requests)
        answers.push(
          isWrite(each) ? await this.#write(request, each) : await this.#readWithRetries(request, each),
        );
      this.#health.delete(unitId);
      return answers;
    } catch (error) {
      if (error instanceof DriverError) {
        const { tuning } = this.#options;
        const health = afterFailure(this.#healthOf(unitId), error.code, performance.now(), tuning);
        this.#health.set(unitId, health);
      }
      throw error;
    }
  }

  #write(request: BusTask, write: LineWrite): Promise<LineAnswer> {
    return writeCertainly({
      attempts: this.#attempts(request.unitId),
      send: (attempt) => this.#askUnambiguously(request, write, attempt),
      readBack: async () => {
        const answer = await this.#readWithRetries(request, readBackOf(write));
        return isShown(write, answer.words) ? answer : null;
      },
    });
  }

  #attempts(unitId: number): number {
    return this.#isDefective(unitId) ? 1 : this.#options.tuning.attempts;
  }

  async #readWithRetries(request: BusTask, read: LineRead): Promise<LineAnswer> {
    const attempts = this.#attempts(request.unitId);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#askUnambiguously(request, read, attempt);
      } catch (error) {
        const mayRetry = error instanceof DriverError && isWorthRetrying(error);
        if (!mayRetry || attempt >= attempts) throw error;
      }
    }
  }

  async #askUnambiguously(request: BusTask, asked: LineRequest, attempt: number): Promise<LineAnswer> {
    const { unitId, definition } = request;
    for (let probes = 0; await this.#needsProbe(unitId, asked); probes++) {
      const probe = this.#open.probeBefore(unitId, asked, definition.maxRegistersPerRead);
      if (probe === null || probes >= MAX_PROBES)
        throw new DriverError("DRIVER_TIMEOUT", { unitId, why: "waiting for late answers to pass" });
      // A refusal is an answer, too: it proves that the oldest open read is over.
      await this.#exchange(request, probe, attempt).catch(rethrowUnlessRefused);
    }
    return await this.#exchange(request, asked, attempt);
  }

  async #needsProbe(unitId: number, asked: LineRequest): Promise<boolean> {
    if (this.#open.isAmbiguous(unitId, shapeOfRequest(asked), performance.now())) return true;
    return isSingleWriteCode(functionCodeOf(asked)) && !(await this.#port.connection()).isEchoKnown;
  }

  async #exchange(request: BusTask, asked: LineRequest, attempt: number): Promise<LineAnswer> {
    const { unitId } = request;
    const shape = shapeOfRequest(asked);
    const connection = await this.#port.connection();
    await connection.silence(this.#gapBefore(request, attempt));
    this.#lastUnitId = unitId;
    const untilMs = performance.now() + this.#options.tuning.lateAnswerMs;
    if (!connection.isNumbered) this.#open.noteSent(unitId, shape, untilMs);
    try {
      const answer = await connection.ask(unitId, asked, this.#timeoutMs(request, asked));
      this.#hasFailed = false;
      this.#timeoutsInARow = 0;
      this.#open.noteAnswered(unitId, shape);
      countFor(this.#counters, unitId, "ok");
      return answer;
    } catch (error) {
      if (error instanceof DriverError) await this.#noteFailure(unitId, error);
      throw error;
    }
  }

  async #noteFailure(unitId: number, error: DriverError): Promise<void> {
    const counter = counterOfError(error);
    if (counter !== null) countFor(this.#counters, unitId, counter);
    this.#hasFailed = error.code !== "DRIVER_EXCEPTION";
    if (!this.#hasFailed) this.#open.noteException(unitId);
    this.#timeoutsInARow = error.code === "DRIVER_TIMEOUT" ? this.#timeoutsInARow + 1 : 0;
    if (this.#timeoutsInARow < DEAD_AFTER_TIMEOUTS) return;
    this.#timeoutsInARow = 0;
    await this.#port.renew();
  }

  #gapBefore(request: BusTask, attempt: number): number {
    const { settings, tuning } = this.#options;
    const isUnitChange = this.#lastUnitId !== null && this.#lastUnitId !== request.unitId;
    const gapMs = isUnitChange ? tuning.unitChangeGapMs : request.definition.timing.gapMs;
    const quietMs = this.#hasFailed ? tuning.quietAfterFailureMs * 2 ** Math.max(0, attempt - 2) : 0;
    return Math.max(gapMs, quietMs, silentIntervalMs(settings));
  }

  #timeoutMs(request: BusTask, asked: LineRequest): number {
    const wireMs = exchangeMs(this.#options.settings, exchangeCharacters(asked));
    return Math.ceil(wireMs + request.definition.timing.answerTimeoutMs);
  }

  #healthOf(unitId: number): UnitHealth {
    return this.#health.get(unitId) ?? HEALTHY;
  }

  #isDefective(unitId: number): boolean {
    return isDefective(this.#healthOf(unitId), this.#options.tuning);
  }

  #rejectAll(error: DriverError): void {
    this.#rejectCurrent?.(error);
    this.#queue.rejectAll(error);
  }

  #noteEcho(): void {
    if (this.#lastUnitId !== null) countFor(this.#counters, this.#lastUnitId, "echo");
  }

  #noteForeignFrame(frame: Uint8Array): boolean {
    const [unitId = 0] = frame;
    const isLate = this.#open.noteLate(unitId, frame, performance.now()) || unitId === this.#lastUnitId;
    if (isLate) countFor(this.#counters, unitId, "late");
    return isLate;
  }
}

function rethrowUnlessRefused(error: unknown): void {
  if (!(error instanceof DriverError && error.code === "DRIVER_EXCEPTION")) throw error;
}
