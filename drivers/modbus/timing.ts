/**
 * What time things take on a serial line.
 *
 * @source MODBUS over Serial Line V1.02, section 2.5.1.1 (RTU transmission mode, timing)
 */
import type { SerialSettings } from "../definition.ts";

/** How the characters of a line are framed. */
export type LineSettings = Pick<SerialSettings, "baudRate" | "parity" | "dataBits" | "stopBits">;

const SILENT_CHARACTERS = 3.5;
/** Above 19200 baud the silent interval is fixed. */
const FIXED_SILENCE_ABOVE_BAUD = 19_200;
const FIXED_SILENT_INTERVAL_MS = 1.75;
const REQUEST_CHARACTERS = 8;
const ANSWER_OVERHEAD_CHARACTERS = 5;

/** @param settings of the line @param characters ≥ 0 @returns ms these take on the wire */
export function transmissionMs(settings: LineSettings, characters: number): number {
  const bits = 1 + settings.dataBits + (settings.parity === "none" ? 0 : 1) + settings.stopBits;
  return (characters * bits * 1000) / settings.baudRate;
}

/** @param settings of the line @returns ms of silence that end a frame (t3.5) */
export function silentIntervalMs(settings: LineSettings): number {
  return settings.baudRate > FIXED_SILENCE_ABOVE_BAUD
    ? FIXED_SILENT_INTERVAL_MS
    : transmissionMs(settings, SILENT_CHARACTERS);
}

/** @param settings of the line @returns ms a read request takes on the wire */
export function requestMs(settings: LineSettings): number {
  return transmissionMs(settings, REQUEST_CHARACTERS);
}

/** @param settings of the line @param characters sent and received @returns ms for both, and the silence after each */
export function exchangeMs(settings: LineSettings, characters: number): number {
  return transmissionMs(settings, characters) + 2 * silentIntervalMs(settings);
}

/** @param settings of the line @param count registers read @returns ms the answer takes on the wire */
export function answerMs(settings: LineSettings, count: number): number {
  return transmissionMs(settings, ANSWER_OVERHEAD_CHARACTERS + 2 * count);
}

/**
 * Duration of one read: request, answer and the silent interval after each.
 *
 * @param settings of the line
 * @param count registers read
 * @param thinkTimeMs the meter's
 * @returns ms
 */
export function readDurationMs(settings: LineSettings, count: number, thinkTimeMs: number): number {
  return requestMs(settings) + answerMs(settings, count) + 2 * silentIntervalMs(settings) + thinkTimeMs;
}
