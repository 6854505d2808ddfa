/** The second market: intervals as JSON lines to Python, canonical bytes in hexadecimal back. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fromHex, toHex } from "../../agent/core/bytes.ts";
import type { AccountId } from "../../agent/core/market/accounts.ts";
import { isMemberId, type MemberId, memberIdBytes } from "../../agent/core/membership/address.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import { encodeReading, type Reading } from "../../agent/core/metering/reading.ts";
import type { DrawnInterval } from "./drawInterval.ts";
import { readingsOf } from "./settleFirst.ts";

/** Debian's own interpreter. */
const PYTHON = "/usr/bin/python3";
const PROGRAM = join(import.meta.dirname, "main.py");
/** More than 10,000 intervals take. */
const MOST_OUTPUT_BYTES = 2 ** 30;

/** Planted faults that the program knows, so that the comparison is seen to find them. */
export const PLANTED_FAULTS = ["unrotated-ties", "price-rounded-up", "paid-rounded-down"] as const;
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
    members: drawn.members.map(({ id, area, meters, ratingW, content }) => ({
      id: hexOf(id),
      area,
      meters: meters.map(({ role, fuel }) => ({ role, fuel })),
      ratingW,
      stated: content === null ? null : statedOf(content),
    })),
    orders: drawn.orders.map(({ member, maxDeficit, wanted }) => ({
      member: hexOf(member),
      kind: "consumption",
      max: String(maxDeficit),
      wanted: String(wanted),
    })),
    policies: drawn.policies.map(statedPolicy),
    money: {
      issued: String(drawn.money.issued),
      accounts: [...drawn.money.accounts].map(([account, amount]) => [accountOf(account), String(amount)]),
    },
    bids: drawn.bids.map(({ member, bid: { wish, ...bid } }) => ({
      member: hexOf(member),
      ...bid,
      limit: String(bid.limit),
      cap: String(bid.cap),
      ...wish,
    })),
    readings: readingsOf(drawn).map((signed) => ({
      member: hexOf(signed.reading.member),
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
        meters: content.meters.map(({ start, end, resolutionMilliWh }) => ({
          start: start.map(String),
          end: end.map(String),
          resolutionMilliWh,
        })),
      };
    case "spanning":
      throw new RangeError("a span is never of an open interval");
    default:
      return content satisfies never;
  }
}

function statedPolicy(policy: Policy): object {
  const { prices, creditLimits, carbon, connectionRatings, feedInLimit, ...rest } = policy;
  return {
    ...texts(rest),
    prices: prices.map(texts),
    feedInLimit: feedInLimit === null ? null : String(feedInLimit),
    creditLimits: creditLimits.map(([member, limit]) => [hexOf(member), String(limit)]),
    carbon: texts(carbon),
    connectionRatings: connectionRatings.map(([member, ratingW]) => [hexOf(member), ratingW]),
  };
}

/** Integers of any size as text; everything else as it is. */
function texts(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "bigint" ? String(value) : value]),
  );
}

function accountOf(account: AccountId): string {
  return isMemberId(account) ? hexOf(account) : account;
}

function hexOf(member: MemberId): string {
  return toHex(memberIdBytes(member));
}
