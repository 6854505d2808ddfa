/** The check at the end of every RTU frame. @source MODBUS over Serial Line V1.02, section 6.2.2 (CRC generation) */

const POLYNOMIAL_REVERSED = 0xa001;
const CRC_BYTES = 2;

/** @param bytes frame without its check @returns the check, 0 … 65535 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ POLYNOMIAL_REVERSED : crc >> 1;
  }
  return crc;
}

/** @param frame bytes with the check at the end, low byte first @returns true when it holds */
export function hasValidCrc(frame: Uint8Array): boolean {
  const length = frame.length - CRC_BYTES;
  if (length < 1) return false;
  const check = (frame[length] ?? 0) | ((frame[length + 1] ?? 0) << 8);
  return crc16(frame.subarray(0, length)) === check;
}

/** @param body frame without its check @returns the frame with it */
export function withCrc(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.length + CRC_BYTES);
  const check = crc16(body);
  frame.set(body);
  frame.set([check & 0xff, check >> 8], body.length);
  return frame;
}
