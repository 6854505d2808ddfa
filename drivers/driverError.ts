/** The one error of the drivers' room, and which of its codes are worth another try. */
import { AgentError } from "../agent/core/errors.ts";

/** Codes of {@link DriverError}. */
export type DriverErrorCode =
  | "DRIVER_DEFINITION"
  | "DRIVER_UNKNOWN_QUANTITY"
  | "DRIVER_UNKNOWN_METER"
  | "DRIVER_UNKNOWN_ACTUATOR"
  | "DRIVER_OVERLAP"
  | "DRIVER_READ_TOO_LONG"
  | "DRIVER_OPTION"
  | "DRIVER_BAD_VALUE"
  | "DRIVER_WRONG_MODEL"
  | "DRIVER_NO_MODEL"
  | "DRIVER_NOT_TAKEN"
  | "DRIVER_TIMEOUT"
  | "DRIVER_CRC"
  | "DRIVER_WRONG_UNIT"
  | "DRIVER_BAD_ANSWER"
  | "DRIVER_EXCEPTION"
  | "DRIVER_PORT_OPEN"
  | "DRIVER_PORT_GONE"
  | "DRIVER_PORT_LENT"
  | "DRIVER_RESTING"
  | "DRIVER_QUEUE_FULL"
  | "DRIVER_CLOSED"
  | "DRIVER_UNEXPECTED";

/** A meter, a line or a definition that did not do what it should. */
export class DriverError extends AgentError<DriverErrorCode> {}

/** Exception codes by which a server says "later". @source Modbus Application Protocol V1.1b3, section 7 */
const BUSY_EXCEPTIONS: readonly unknown[] = [5, 6];

/**
 * Retry policy of one request: what noise or a busy meter can cause is tried again; what it means to say is not.
 *
 * @param error why the request failed
 * @returns true when the same request may succeed a moment later
 */
export function isWorthRetrying(error: DriverError): boolean {
  switch (error.code) {
    case "DRIVER_TIMEOUT":
    case "DRIVER_CRC":
    case "DRIVER_WRONG_UNIT":
    case "DRIVER_BAD_ANSWER":
      return true;
    case "DRIVER_EXCEPTION":
      return BUSY_EXCEPTIONS.includes(error.detail.exceptionCode);
    default:
      return false;
  }
}
