/** Reading and writing registers of one device, whatever line it is on: what discovery and actuators are given. */
import type { RegisterRead } from "./plan.ts";

/**
 * Reads registers of one device.
 *
 * @param read what to read; within Modbus's limit, not necessarily within the device's
 * @returns the words; null when the device answers with an exception, or, where silence is its way of refusing, not at all
 * @throws DriverError when the line itself failed
 */
export type ReadRegisters = (read: RegisterRead) => Promise<readonly number[] | null>;

/** Access to one device that can also be written to. */
export interface RegisterAccess {
  readonly read: ReadRegisters;
  /** Writes holding registers (function code 16; 6 for one register) and waits for the device's echo. @throws DriverError */
  writeRegisters(address: number, words: readonly number[]): Promise<void>;
  /** Writes one coil (function code 5) and waits for the device's echo. @throws DriverError */
  writeCoil(address: number, isOn: boolean): Promise<void>;
  /** Reads one coil (function code 1). @returns its state; null when the device refuses @throws DriverError */
  readCoil(address: number): Promise<boolean | null>;
}
