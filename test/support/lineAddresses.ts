/** Places of lines as people write them; the configuration and the drivers must agree on which are sound. */
import type { LineAddress } from "../../drivers/modbus/lineAddress.ts";

/** Sound ones, and what they mean. */
export const LINE_ADDRESSES: readonly (readonly [string, LineAddress])[] = [
  ["/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0" }],
  ["/dev/serial/by-id/usb-1:0", { kind: "serial", path: "/dev/serial/by-id/usb-1:0" }],
  ["tcp://192.168.1.20:502", { kind: "modbus-tcp", host: "192.168.1.20", port: 502 }],
  ["tcp://em24.lan", { kind: "modbus-tcp", host: "em24.lan", port: 502 }],
  ["TCP://meter-1:1502", { kind: "modbus-tcp", host: "meter-1", port: 1502 }],
  ["tcp://[fe80::1]:502", { kind: "modbus-tcp", host: "fe80::1", port: 502 }],
  ["rtu+tcp://10.0.0.7:4196", { kind: "rtu-over-tcp", host: "10.0.0.7", port: 4196 }],
];

/** Unsound ones. */
export const NO_LINE_ADDRESSES: readonly string[] = [
  "tcp://",
  "tcp://:502",
  "tcp://host:0",
  "tcp://host:65536",
  "tcp://host:502/path",
  "tcp://user@host:502",
  "tcp://ho st:502",
  "rtu+tcp://host",
  "udp://host:502",
  "http://host",
  "rtu://dev/ttyUSB0",
];
