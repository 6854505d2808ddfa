/**
 * The one place that knows what serialport and modbus-serial throw, Errors or not, and turns it into a DriverError
 * that says what was asked and why it failed.
 */
import type { ErrorDetail } from "../../agent/core/errors.ts";
import { DriverError, type DriverErrorCode } from "../driverError.ts";

/** What came instead of an answer, as far as the line saw it. */
export type Evidence = {
  /** Bytes received that belong to no whole frame. */
  readonly strayBytes: Uint8Array;
  /** Unit whose frame came while another was asked, or null. */
  readonly foreignUnitId: number | null;
};

/** Facts about the request that failed. */
export type RequestFacts = {
  readonly unitId: number;
  readonly functionCode: number;
  readonly address: number;
  readonly count: number;
  readonly timeoutMs: number;
};

/** @source Modbus Application Protocol V1.1b3, section 7 */
const EXCEPTION_MEANINGS: Readonly<Record<number, string>> = {
  1: "function not supported",
  2: "address not supported",
  3: "count or value not supported",
  4: "device failure",
  5: "acknowledged, not ready",
  6: "device busy",
  8: "memory parity error",
  10: "gateway path unavailable",
  11: "gateway target does not respond",
};
const SHOWN_STRAY_BYTES = 32;

/**
 * Translates the failure of one request.
 *
 * @param cause whatever the library passed on, Error or not
 * @param facts of the request
 * @param evidence what the line received meanwhile
 * @returns the error to throw
 */
export function translateRequestFailure(
  cause: unknown,
  facts: RequestFacts,
  evidence: Evidence,
): DriverError {
  if (cause instanceof DriverError) return cause;
  const exceptionCode = numberProperty(cause, "modbusCode");
  if (exceptionCode !== null) {
    const why = EXCEPTION_MEANINGS[exceptionCode] ?? "unknown exception";
    return new DriverError("DRIVER_EXCEPTION", { ...facts, exceptionCode, why }, cause);
  }
  const code = requestCode(cause, evidence);
  const detail: Record<string, string | number> = { ...facts, why: reasonOf(code, evidence, cause) };
  if (evidence.strayBytes.length > 0) detail.receivedHex = hexOf(evidence.strayBytes);
  if (evidence.foreignUnitId !== null) detail.foreignUnitId = evidence.foreignUnitId;
  return new DriverError(code, detail satisfies ErrorDetail, cause);
}

/**
 * Translates the failure to open a port.
 *
 * @param cause whatever serialport passed on
 * @param path of the port
 * @returns `DRIVER_PORT_OPEN`
 */
export function translateOpenFailure(cause: unknown, path: string): DriverError {
  const why = messageOf(cause);
  return new DriverError("DRIVER_PORT_OPEN", { path, why, hint: openHint(why) }, cause);
}

/** @param cause close reason or error of the port, if any @param path of the port @returns `DRIVER_PORT_GONE` */
export function translatePortLoss(cause: unknown, path: string): DriverError {
  return new DriverError("DRIVER_PORT_GONE", { path, why: messageOf(cause) }, cause ?? undefined);
}

function requestCode(cause: unknown, evidence: Evidence): DriverErrorCode {
  const message = messageOf(cause);
  if (/^Port (is )?not open/i.test(message)) return "DRIVER_PORT_GONE";
  if (stringProperty(cause, "errno") === "ETIMEDOUT" || message === "Timed out") {
    if (evidence.foreignUnitId !== null) return "DRIVER_WRONG_UNIT";
    return evidence.strayBytes.length > 0 ? "DRIVER_CRC" : "DRIVER_TIMEOUT";
  }
  if (message.startsWith("CRC error")) return "DRIVER_CRC";
  if (message.startsWith("Unexpected data error, expected address")) return "DRIVER_WRONG_UNIT";
  if (/^(Data length|Unexpected data) error/.test(message)) return "DRIVER_BAD_ANSWER";
  if (stringProperty(cause, "errno") === "ECONNREFUSED") return "DRIVER_PORT_GONE";
  return "DRIVER_UNEXPECTED";
}

function reasonOf(code: DriverErrorCode, evidence: Evidence, cause: unknown): string {
  switch (code) {
    case "DRIVER_TIMEOUT":
      return "no byte came back";
    case "DRIVER_CRC":
      return `${evidence.strayBytes.length} bytes came back, no valid frame among them`;
    case "DRIVER_WRONG_UNIT":
      return "another unit answered";
    default:
      return messageOf(cause);
  }
}

function openHint(why: string): string {
  if (/no such file/i.test(why)) return "adapter not plugged in, or another path";
  if (/permission denied/i.test(why)) return "user is not in the group that owns the port (dialout)";
  if (/lock/i.test(why)) return "another process has the port open";
  if (/^RS-485 mode/.test(why)) return "the driver of this port has no RS-485 mode: set rs485 to adapter";
  if (/ECONNREFUSED/.test(why)) return "the host is there, but nothing listens on that TCP port";
  if (/ENOTFOUND|EAI_AGAIN/.test(why)) return "no host of that name is known";
  if (/EHOSTUNREACH|ENETUNREACH|no connection within/.test(why)) return "no such host on the network";
  return "see why";
}

function messageOf(cause: unknown): string {
  if (cause === null || cause === undefined) return "closed by the system";
  return stringProperty(cause, "message") ?? String(cause);
}

function stringProperty(cause: unknown, key: string): string | null {
  const value = property(cause, key);
  return typeof value === "string" ? value : null;
}

function numberProperty(cause: unknown, key: string): number | null {
  const value = property(cause, key);
  return typeof value === "number" ? value : null;
}

function property(cause: unknown, key: string): unknown {
  return typeof cause === "object" && cause !== null ? Reflect.get(cause, key) : undefined;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, SHOWN_STRAY_BYTES)).toString("hex");
}
