/** Reading registers of one device, whatever line it is on: what discovery is given. */
import type { RegisterRead } from "./plan.ts";

/**
 * Reads registers of one device.
 *
 * @param read what to read; within Modbus's limit, not necessarily within the device's
 * @returns the words; null when the device answers with an exception, or, where silence is its way of refusing, not at all
 * @throws DriverError when the line itself failed
 */
export type ReadRegisters = (read: RegisterRead) => Promise<readonly number[] | null>;
