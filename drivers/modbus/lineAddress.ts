/**
 * Where a line is found: a serial device, a Modbus TCP server, or a server that passes RTU frames through TCP.
 *
 * @source MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 4.1 (port 502)
 */
import { DriverError } from "../driverError.ts";

/** Port of Modbus TCP where none is given. */
const MODBUS_TCP_PORT = 502;
const MAX_TCP_PORT = 65_535;
const NETWORK_FORM =
  /^(tcp|rtu\+tcp):\/\/(\[[0-9a-f:.]{2,45}\]|[a-z0-9]([a-z0-9.-]{0,252}))(?::(\d{1,5}))?$/i;

/** A line's place. */
export type LineAddress =
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "modbus-tcp" | "rtu-over-tcp"; readonly host: string; readonly port: number };

/**
 * Reads a place as people write it.
 *
 * @param text a path such as `/dev/serial/by-id/…`, `tcp://host:502` or `rtu+tcp://host:port`; Modbus TCP may do without port
 * @returns the place
 * @throws DriverError `DRIVER_OPTION`
 */
export function readLineAddress(text: string): LineAddress {
  if (!text.includes("://")) return { kind: "serial", path: text };
  const [, scheme = "", host = "", , port] = NETWORK_FORM.exec(text) ?? [];
  const kind = scheme.toLowerCase() === "tcp" ? "modbus-tcp" : "rtu-over-tcp";
  const number = port === undefined && kind === "modbus-tcp" ? MODBUS_TCP_PORT : Number(port);
  if (host === "" || !(number >= 1 && number <= MAX_TCP_PORT))
    throw new DriverError("DRIVER_OPTION", { option: "port", value: text });
  return { kind, host: host.replace(/^\[|\]$/g, ""), port: number };
}
