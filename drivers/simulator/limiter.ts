/**
 * A simulated limiter: a SunSpec chain with the immediate controls of model 123, and what it limits follows it, or does
 * not. A limit holds for whole virtual minutes, from the first that begins after it was written: what a register has
 * counted never changes.
 */
import type { UnixMs } from "../../agent/core/units.ts";
import { sunspecLimit } from "../definitions/sunspecLimit.ts";
import type { PowerCurve } from "./curve.ts";
import type { VirtualTime } from "./simulatedMeter.ts";
import { WritableSpace } from "./writableSpace.ts";

/** What is limited. */
export type LimiterOptions = {
  /** Power in W at 1000 ‰. */
  readonly ratedW: number;
  /** False: the device takes every limit, and nothing happens. */
  readonly isObeyed: boolean;
};

/** A limiter, and the curves behind it. */
export type SimulatedLimiter = {
  /** Its registers, from {@link CHAIN} on. */
  readonly space: WritableSpace;
  /** @param curve of what it limits @returns the same, never above the limit in either direction */
  limited(curve: PowerCurve): PowerCurve;
};

/** Where the chain begins. @source SunSpec Information Model Specification, "Starting Address" */
export const CHAIN = 40_000;
const COMMON_LENGTH = 66;
const MODEL = CHAIN + 2 + 2 + COMMON_LENGTH;
const END = MODEL + 2 + sunspecLimit.length;
const NOT_IMPLEMENTED = 0xffff;
/** Tenths of a percent. */
const SCALE_MINUS_ONE = 0xffff;
const UNLIMITED_PERMILLE = 1000;
const MS_PER_MINUTE = 60_000;
/** Limits that are remembered: far more than are written between two read-outs. */
const MAX_CHANGES = 256;

/** @param options what is limited @param time virtual time of the line @returns the limiter, not limiting */
export function simulatedLimiter({ ratedW, isObeyed }: LimiterOptions, time: VirtualTime): SimulatedLimiter {
  const { points } = sunspecLimit;
  let changes: readonly { readonly atMs: number; readonly permille: number }[] = [];
  const registerAt = (offset: number, nowMs: UnixMs): number => {
    const answer = space.read({ table: "holding", address: MODEL + offset, count: 1 }, nowMs);
    return answer?.kind === "registers" ? (answer.words[0] ?? 0) : 0;
  };
  const onWrite = (nowMs: UnixMs): void => {
    const isEnabled = registerAt(points.enable, nowMs) === 1;
    const permille = isEnabled ? registerAt(points.limit, nowMs) : UNLIMITED_PERMILLE;
    const revertMs = registerAt(points.revertTime, nowMs) * 1000;
    const isReverting = isEnabled && revertMs > 0;
    changes = [
      ...changes.filter(({ atMs }) => atMs <= nowMs),
      { atMs: nowMs, permille },
      ...(isReverting ? [{ atMs: nowMs + revertMs, permille: UNLIMITED_PERMILLE }] : []),
    ].slice(-MAX_CHANGES);
  };
  const revert = { revertTime: MODEL + points.revertTime, enable: MODEL + points.enable };
  const space = new WritableSpace({ registers: chain(), revert, onWrite });
  const mostInMinute = (minute: number): number => {
    const atMs = time.startedAtMs + ((minute - time.startMinute) * MS_PER_MINUTE) / time.timeLapse;
    const permille = changes.findLast((change) => change.atMs <= atMs)?.permille ?? UNLIMITED_PERMILLE;
    return permille === UNLIMITED_PERMILLE
      ? Number.POSITIVE_INFINITY
      : Math.floor((ratedW * permille) / 1000);
  };
  return {
    space,
    limited: (curve) => ({
      wattsInMinute: (minute) => {
        const watts = curve.wattsInMinute(minute);
        const most = isObeyed ? mostInMinute(minute) : Number.POSITIVE_INFINITY;
        return Math.max(-most, Math.min(most, watts));
      },
    }),
  };
}

/** 100.0 %, no revert time set, disabled. */
function chain(): ReadonlyMap<number, number> {
  const { modelId, length, points } = sunspecLimit;
  const registers = new Map<number, number>([
    [CHAIN, 0x5375],
    [CHAIN + 1, 0x6e53],
    [CHAIN + 2, 1],
    [CHAIN + 3, COMMON_LENGTH],
    [MODEL, modelId],
    [MODEL + 1, length],
    [END, NOT_IMPLEMENTED],
    [END + 1, 0],
  ]);
  for (let offset = 0; offset < COMMON_LENGTH; offset++) registers.set(CHAIN + 4 + offset, 0);
  for (let offset = 2; offset < length + 2; offset++) registers.set(MODEL + offset, NOT_IMPLEMENTED);
  registers.set(MODEL + points.limit, UNLIMITED_PERMILLE);
  registers.set(MODEL + points.revertTime, 0);
  registers.set(MODEL + points.enable, 0);
  registers.set(MODEL + points.limitScale, SCALE_MINUS_ONE);
  return registers;
}
