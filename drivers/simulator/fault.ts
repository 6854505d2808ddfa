/** What can go wrong with a simulated answer on its way. */
import { withCrc } from "../modbus/crc16.ts";

/** How a meter misbehaves on the wire; `none` is a meter in order. */
export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "silent" }
  /** The request does not reach the meter: unlike a silent one it does not do what it was told. */
  | { readonly kind: "unheard" }
  /** Answers, but this much later. */
  | { readonly kind: "late"; readonly byMs: number }
  /** One byte of the answer is changed on the wire. */
  | { readonly kind: "spoiled" }
  /** The answer is whole, its check is another. */
  | { readonly kind: "bad-crc" }
  /** Stray bytes come before the answer. */
  | { readonly kind: "noise" }
  /** Stray bytes come after the answer. */
  | { readonly kind: "trailing" }
  /** The answer breaks off. */
  | { readonly kind: "truncated" }
  /** The answer comes one byte at a time. */
  | { readonly kind: "byte-by-byte"; readonly pauseMs: number }
  /** The answer carries another unit. */
  | { readonly kind: "wrong-unit"; readonly unitId: number }
  /** The meter refuses. */
  | { readonly kind: "exception"; readonly code: number };

/** Bytes that go on the wire together. */
export type Burst = {
  /** Since the burst before, or since the answer was due. */
  readonly afterMs: number;
  readonly bytes: Uint8Array;
};

const NOISE_BYTES: readonly number[] = [0x00, 0xff, 0x55];
const EXCEPTION_FLAG = 0x80;

/** @param fault of the meter @returns ms by which it delays the answer */
export function delayOf(fault: Fault): number {
  return fault.kind === "late" ? fault.byMs : 0;
}

/**
 * Applies a fault to an answer.
 *
 * @param frame as a meter in order would send it
 * @param fault of the meter
 * @returns what goes on the wire, in order; nothing for a silent one
 */
export function applyFault(frame: Uint8Array, fault: Fault): readonly Burst[] {
  const [unitId = 0, functionCode = 0] = frame;
  switch (fault.kind) {
    case "none":
    case "late":
      return atOnce(frame);
    case "silent":
    case "unheard":
      return [];
    case "spoiled":
      return atOnce(frame.map((byte, index) => (index === 3 ? byte ^ 0x10 : byte)));
    case "bad-crc":
      return atOnce(frame.map((byte, index) => (index >= frame.length - 2 ? byte ^ 0xff : byte)));
    case "noise":
      return atOnce([...NOISE_BYTES, ...frame]);
    case "trailing":
      return atOnce([...frame, ...NOISE_BYTES]);
    case "truncated":
      return atOnce(frame.subarray(0, Math.floor(frame.length / 2)));
    case "byte-by-byte":
      return [...frame].map((byte) => ({ afterMs: fault.pauseMs, bytes: Uint8Array.of(byte) }));
    case "wrong-unit":
      return atOnce(withCrc(Uint8Array.from([fault.unitId, ...frame.subarray(1, -2)])));
    case "exception":
      return atOnce(withCrc(Uint8Array.from([unitId, functionCode | EXCEPTION_FLAG, fault.code])));
    default:
      return fault satisfies never;
  }
}

function atOnce(bytes: Iterable<number>): readonly Burst[] {
  return [{ afterMs: 0, bytes: Uint8Array.from(bytes) }];
}
