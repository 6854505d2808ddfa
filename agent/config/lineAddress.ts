/** Which text may name a line; what it means is known to the drivers. */

const MAX_TCP_PORT = 65_535;
const NETWORK_FORM =
  /^(tcp|rtu\+tcp):\/\/(\[[0-9a-f:.]{2,45}\]|[a-z0-9]([a-z0-9.-]{0,252}))(?::(\d{1,5}))?$/i;

/** For people: what such a text looks like. */
export const LINE_ADDRESS_FORM = "a device such as /dev/ttyUSB0, tcp://host:502 or rtu+tcp://host:port";

/** @param text as written @returns true when it names a host, or tries to, instead of a device */
export function isNetworkAddress(text: string): boolean {
  return text.includes("://");
}

/** @param text as written @returns true when it can name a line: a path, `tcp://host[:port]` or `rtu+tcp://host:port` */
export function isLineAddress(text: string): boolean {
  if (!isNetworkAddress(text)) return true;
  const [, scheme, , , port] = NETWORK_FORM.exec(text) ?? [];
  if (scheme === undefined) return false;
  if (port === undefined) return scheme.toLowerCase() === "tcp";
  return Number(port) >= 1 && Number(port) <= MAX_TCP_PORT;
}
