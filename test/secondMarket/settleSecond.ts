/** The second market: a process of Python that takes a line for each interval or late reading and gives a line back. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromHex } from "../../agent/core/bytes.ts";

/** Debian's own interpreter. */
const PYTHON = "/usr/bin/python3";
const PROGRAM = join(import.meta.dirname, "main.py");
/** More than 10,000 intervals take. */
const MOST_OUTPUT_BYTES = 2 ** 30;

/** Faults that the program plants when it is asked to, so that the comparison is seen to find them. */
export const PLANTED_FAULTS = [
  "unrotated-ties",
  "price-rounded-up",
  "paid-rounded-down",
  "late-without-fee",
  "compliance-without-tolerance",
] as const;
export type PlantedFault = (typeof PLANTED_FAULTS)[number];

/** @returns what this machine lacks, with the line that installs it; null when nothing */
export function lackingForSecond(): string | null {
  const { error, status } = spawnSync(PYTHON, ["-c", "import hashlib, json"]);
  const isThere = error === undefined && status === 0;
  return isThere ? null : "missing python3; install with: apt-get install -y --no-install-recommends python3";
}

/**
 * @param lines one for each interval or late reading
 * @param fault to plant; none without it
 * @returns the bytes for each, in the same sequence
 * @throws Error when the program fails, with what it printed
 */
export function settleSecond(lines: readonly string[], fault?: PlantedFault): readonly Uint8Array[] {
  const options = fault === undefined ? [] : ["--plant", fault];
  const input = lines.map((line) => `${line}\n`).join("");
  const ran = spawnSync(PYTHON, ["-B", PROGRAM, ...options], { input, maxBuffer: MOST_OUTPUT_BYTES });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0) throw new Error(`the second market ended with ${ran.status}: ${ran.stderr}`);
  const answers = ran.stdout.toString().trimEnd().split("\n");
  if (answers.length !== lines.length) throw new Error(`${answers.length} answers to ${lines.length} lines`);
  return answers.map(fromHex);
}
