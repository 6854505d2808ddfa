/** Numbers on the command line. */
import { usageError } from "./cliError.ts";

/**
 * @param option as it is written, for the message
 * @param text as given
 * @param min least
 * @param max greatest acceptable value
 * @returns the number
 * @throws CliError `CLI_USAGE`
 */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw usageError(`${option} is ${JSON.stringify(text)}`, `give a whole number from ${min} to ${max}`);
}
