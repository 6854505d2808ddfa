/** The second market: intervals as JSON lines to Python, canonical bytes in hexadecimal back. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromHex, toHex } from "../../agent/core/bytes.ts";
import { memberIdBytes } from "../../agent/core/membership/address.ts";
import { encodeReading, type Reading } from "../../agent/core/metering/reading.ts";
import type { DrawnInterval } from "./drawInterval.ts";
import { readingsOf } from "./settleFirst.ts";

/** Debian's own interpreter. */
const PYTHON = "/usr/bin/python3";
const PROGRAM = join(import.meta.dirname, "main.py");
/** More than 10,000 intervals take. */
const MOST_OUTPUT_BYTES = 2 ** 30;

/** Planted faults that the program knows, so that the comparison is seen to find them. */
export const PLANTED_FAULTS = ["unrotated-ties"] as const;
export type PlantedFault = (typeof PLANTED_FAULTS)[number];

/** @returns what this machine lacks, with the line that installs it; null when nothing */
export function lackingForSecond(): string | null {
  const { error, status } = spawnSync(PYTHON, ["-c", "import hashlib, json"]);
  const isThere = error === undefined && status === 0;
  return isThere ? null : "missing python3; install with: apt-get install -y --no-install-recommends python3";
}

/**
 * @param intervals in any number
 * @param fault to plant; none without it
 * @returns the bytes of each, in the same sequence
 * @throws Error when the program fails, with what it printed
 */
export function settleSecond(
  intervals: readonly DrawnInterval[],
  fault?: PlantedFault,
): readonly Uint8Array[] {
  const input = intervals.map((drawn) => `${lineOf(drawn)}\n`).join("");
  const options = fault === undefined ? [] : ["--plant", fault];
  const ran = spawnSync(PYTHON, ["-B", PROGRAM, ...options], { input, maxBuffer: MOST_OUTPUT_BYTES });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0) throw new Error(`the second market ended with ${ran.status}: ${ran.stderr}`);
  const lines = ran.stdout.toString().trimEnd().split("\n");
  if (lines.length !== intervals.length)
    throw new Error(`${lines.length} answers to ${intervals.length} intervals`);
  return lines.map(fromHex);
}

/** @param drawn one interval @returns it as the second market reads it: JSON, integers of any size as text */
export function lineOf(drawn: DrawnInterval): string {
  return JSON.stringify({
    interval: drawn.interval,
    mode: drawn.mode,
    seed: toHex(drawn.seed),
    intervalMs: drawn.intervalMs,
    timeLapse: drawn.timeLapse,
    members: drawn.members.map(({ id, roles, ratingW, content }) => ({
      id: toHex(memberIdBytes(id)),
      roles,
      ratingW,
      stated: content === null ? null : statedOf(content),
    })),
    orders: drawn.orders.map(({ member, maxDeficit, wanted }) => ({
      member: toHex(memberIdBytes(member)),
      maxDeficit: String(maxDeficit),
      wanted: String(wanted),
    })),
    readings: readingsOf(drawn).map((signed) => ({
      member: toHex(memberIdBytes(signed.reading.member)),
      encoded: toHex(encodeReading(signed)),
    })),
  });
}

/** What a reading says, without the figures that follow from it. */
function statedOf(content: Reading["content"]): object {
  switch (content.kind) {
    case "missing":
      return { missing: content.reason };
    case "measured":
      return {
        carryIn: String(content.carryIn),
        meters: content.meters.map(({ start, end }) => ({ start: start.map(String), end: end.map(String) })),
      };
    case "spanning":
      throw new RangeError("a span is never of an open interval");
    default:
      return content satisfies never;
  }
}
