/** Coins as people read them. On the ledger they are micro-coins, and no figure is rounded on its way here. */

const MICRO_COINS = 1_000_000n;
const DECIMALS = 6;

/** @param amount micro-coins of any sign @returns coins with six decimals, such as `-0.007125` */
export function coinText(amount: bigint): string {
  const size = amount < 0n ? -amount : amount;
  const decimals = String(size % MICRO_COINS).padStart(DECIMALS, "0");
  return `${amount < 0n ? "-" : ""}${size / MICRO_COINS}.${decimals}`;
}
