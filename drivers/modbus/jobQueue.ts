/** Callers of a line, served one at a time: in the order they came, except that a defective meter lets others pass. */
import { DriverError } from "../driverError.ts";

/** A caller that is overtaken this often is served, however many others keep coming. */
const MAX_OVERTAKEN = 8;

/** One caller. */
export type Job<Request, Answer> = {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

type Waiting<Request, Answer> = { readonly job: Job<Request, Answer>; overtaken: number };

/** Bounded; knows nothing of what it queues. */
export class JobQueue<Request, Answer> {
  readonly #maxQueued: number;
  #waiting: Waiting<Request, Answer>[] = [];

  /** @param maxQueued callers that may wait at once */
  constructor(maxQueued: number) {
    this.#maxQueued = maxQueued;
  }

  /** @param job to serve later @throws DriverError `DRIVER_QUEUE_FULL` */
  push(job: Job<Request, Answer>): void {
    if (this.#waiting.length >= this.#maxQueued)
      throw new DriverError("DRIVER_QUEUE_FULL", { maxQueued: this.#maxQueued });
    this.#waiting.push({ job, overtaken: 0 });
  }

  /**
   * Takes out whom to serve next.
   *
   * @param letsPass tells of a request that it may wait for others
   * @returns the caller, or undefined when nobody waits
   */
  take(letsPass: (request: Request) => boolean): Job<Request, Answer> | undefined {
    const first = this.#waiting.findIndex(
      ({ job, overtaken }) => overtaken >= MAX_OVERTAKEN || !letsPass(job.request),
    );
    const index = Math.max(0, first);
    for (const passed of this.#waiting.slice(0, index)) passed.overtaken++;
    return this.#waiting.splice(index, 1)[0]?.job;
  }

  /** @param error told to everybody who waits */
  rejectAll(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { job } of waiting) job.reject(error);
  }
}
