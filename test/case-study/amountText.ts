/** Energies and coins as people read them, from whole Wh and micro-coins and without a float. */
import { WH_PER_KWH } from "./demand.ts";

/** @param energy in Wh, any sign @returns it in kWh with three digits where it is no whole number, and a real minus */
export function kwhText(energy: bigint): string {
  const size = energy < 0n ? -energy : energy;
  const [whole, rest] = [size / WH_PER_KWH, size % WH_PER_KWH];
  const text = rest === 0n ? `${whole}` : `${whole}.${rest.toString().padStart(3, "0")}`;
  return energy < 0n ? `−${text}` : text;
}

const MICRO_PER_COIN = 1_000_000n;
/** Between groups of three digits; a line is never broken at it. @source Unicode, U+202F NARROW NO-BREAK SPACE */
const GROUP_SPACE = "\u202f";

/** @param energy in Wh, any sign @returns whole Wh in groups of three digits, with a real minus */
export function whText(energy: bigint): string {
  const size = energy < 0n ? -energy : energy;
  const text = size.toString().replaceAll(/\B(?=(\d{3})+$)/g, GROUP_SPACE);
  return energy < 0n ? `−${text}` : text;
}

/** @param amount in micro-coins, any sign @returns it in coins with all six digits, and a real minus */
export function coinText(amount: bigint): string {
  const size = amount < 0n ? -amount : amount;
  const rest = (size % MICRO_PER_COIN).toString().padStart(6, "0");
  return `${amount < 0n ? "−" : ""}${size / MICRO_PER_COIN}.${rest}`;
}
