/** What can go wrong with a simulated answer. */
import { withCrc } from "../modbus/crc16.ts";

/** How a meter misbehaves; `none` is a meter in order. */
export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "silent" }
  /** Answers, but this much later. */
  | { readonly kind: "late"; readonly byMs: number }
  /** One byte of the answer is changed on the wire. */
  | { readonly kind: "spoiled" }
  /** Stray bytes come before the answer. */
  | { readonly kind: "noise" }
  /** The answer carries another unit. */
  | { readonly kind: "wrong-unit"; readonly unitId: number };

const NOISE_BYTES: readonly number[] = [0x00, 0xff, 0x55];

/** @param fault of the meter @returns ms by which it delays the answer */
export function delayOf(fault: Fault): number {
  return fault.kind === "late" ? fault.byMs : 0;
}

/**
 * Applies a fault to an answer.
 *
 * @param frame as a meter in order would send it
 * @param fault of the meter
 * @returns what goes on the wire, or null for nothing
 */
export function applyFault(frame: Uint8Array, fault: Fault): Uint8Array | null {
  switch (fault.kind) {
    case "none":
    case "late":
      return frame;
    case "silent":
      return null;
    case "spoiled":
      return frame.map((byte, index) => (index === 3 ? byte ^ 0x10 : byte));
    case "noise":
      return Uint8Array.from([...NOISE_BYTES, ...frame]);
    case "wrong-unit":
      return withCrc(Uint8Array.from([fault.unitId, ...frame.subarray(1, -2)]));
    default:
      return fault satisfies never;
  }
}
