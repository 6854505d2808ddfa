/** Money as a person reads it: coins with six digits behind the point. */

const DIGITS = 6;

/** @param microCoins whole micro-coins in decimal digits, any sign @returns the same in coins */
export function coinsText(microCoins: string): string {
  const isNegative = microCoins.startsWith("-");
  const digits = (isNegative ? microCoins.slice(1) : microCoins).padStart(DIGITS + 1, "0");
  return `${isNegative ? "-" : ""}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}

/** @param money of a trade, in whole micro-coins as text @returns what the buyer's account went down by, with fee and carbon */
export function spentOn({ paid, fee, carbon }: Readonly<Record<"paid" | "fee" | "carbon", string>>): string {
  return `${BigInt(paid) + BigInt(fee) + BigInt(carbon)}`;
}
