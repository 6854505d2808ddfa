/** What one kind of actuator can be told, apart from queue, time and memory, which `actuator.ts` adds. */
import type { LimitCommand } from "../agent/ports/actuator.ts";

/** No limit, in thousandths of the rated power. */
export const UNLIMITED_PERMILLE = 1000;

/** What a device is told and shows, without queue, time or memory. */
export interface Control {
  readonly stepPermille: number;
  /** @returns the limit, and the raw registers that put the present state back */
  read(): Promise<{ readonly limitPermille: number; readonly raw: readonly number[] }>;
  /**
   * @param command what to limit to, and how long
   * @param before raw registers as they were before the first limit
   * @returns whether the device, after `holdS`, goes back by itself to what was before
   * @throws DriverError `DRIVER_NOT_TAKEN`
   */
  limit(command: LimitCommand, before: readonly number[]): Promise<{ readonly liftsItself: boolean }>;
  /** @param raw as {@link read} gave it @throws DriverError `DRIVER_NOT_TAKEN` */
  restore(raw: readonly number[]): Promise<void>;
}
