/**
 * A write that failed may have been taken all the same: only its answer was lost. It is never sent again before the
 * device has shown that it was not; a server answers in order, so what it shows then is what the write has left.
 *
 * @source MODBUS over Serial Line V1.02, section 2.4.1 (one transaction at a time)
 */
import { DriverError, isWorthRetrying } from "../driverError.ts";

/** What a write is done with. */
export type WriteSteps<Answer> = {
  /** Requests for the write, the first included. */
  readonly attempts: number;
  /** @param attempt 1 for the first @returns the device's acknowledgement @throws DriverError */
  send(attempt: number): Promise<Answer>;
  /** @returns the answer in which the device shows what was written, or null when it shows something else @throws DriverError */
  readBack(): Promise<Answer | null>;
};

/**
 * Writes, and after a failure looks before it writes again.
 *
 * @param steps to do it with
 * @returns the acknowledgement, or the read-back of a write that was taken without one
 * @throws DriverError of the last attempt; also when the device cannot be read back, for then nobody knows
 */
export async function writeCertainly<Answer>(steps: WriteSteps<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await steps.send(attempt);
    } catch (error) {
      if (!(error instanceof DriverError && isWorthRetrying(error))) throw error;
      const shown = await steps.readBack().catch(() => {
        throw error;
      });
      if (shown !== null) return shown;
      if (attempt >= steps.attempts) throw error;
    }
  }
}
