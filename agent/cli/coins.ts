/** Coins on the command line: decimal, exact, of which a micro-coin is the least. */
import { usageError } from "./cliError.ts";

const DECIMALS = 6;
const MICRO_COINS_PER_COIN = 1_000_000n;

/**
 * @param option as it is written, for the message
 * @param text as given: digits, and at most six decimals after a point
 * @param most greatest acceptable value in micro-coins
 * @returns micro-coins
 * @throws CliError `CLI_USAGE`
 */
export function microCoinsOf(option: string, text: string, most: number): bigint {
  const [, whole = "", decimals = ""] = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  const value =
    BigInt(whole === "" ? -1 : whole) * MICRO_COINS_PER_COIN + BigInt(decimals.padEnd(DECIMALS, "0"));
  if (value >= 0n && value <= BigInt(most)) return value;
  throw usageError(
    `${option} is ${JSON.stringify(text)}`,
    `give coins as 0.25, at most six decimals, up to ${coinsText(most)}`,
  );
}

/** @param microCoins whole, any sign @returns the coins, without zeros at the end */
export function coinsText(microCoins: number | bigint): string {
  const value = BigInt(microCoins);
  const size = value < 0n ? -value : value;
  const decimals = `${size % MICRO_COINS_PER_COIN}`.padStart(DECIMALS, "0").replace(/0+$/, "");
  const sign = value < 0n ? "-" : "";
  return `${sign}${size / MICRO_COINS_PER_COIN}${decimals === "" ? "" : `.${decimals}`}`;
}
