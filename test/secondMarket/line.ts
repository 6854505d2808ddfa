/** What the second market reads: JSON, integers of any size as text, bytes in hexadecimal, nothing that is computed from the rest. */
import { toHex } from "../../agent/core/bytes.ts";
import type { AccountId, Money } from "../../agent/core/market/accounts.ts";
import { isMemberId, type MemberId, memberIdBytes } from "../../agent/core/membership/address.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import { encodeReading, type Reading } from "../../agent/core/metering/reading.ts";
import type { DrawnInterval } from "./drawInterval.ts";
import type { DrawnLate } from "./drawLate.ts";
import type { PaperMember } from "./paperStreet.ts";
import { readingsOf } from "./settleFirst.ts";

/** @param drawn one interval @returns its line */
export function lineOf(drawn: DrawnInterval): string {
  return JSON.stringify({
    interval: drawn.interval,
    mode: drawn.mode,
    seed: toHex(drawn.seed),
    intervalMs: drawn.intervalMs,
    timeLapse: drawn.timeLapse,
    members: drawn.members.map((member) => ({
      ...enrolledOf(member),
      stated: member.content === null ? null : statedOf(member.content),
    })),
    orders: drawn.orders.map(({ member, ...order }) => ({ member: hexOf(member), ...texts(order) })),
    policies: drawn.policies.map(policyOf),
    money: moneyOf(drawn.money),
    bids: drawn.bids.map(({ member, bid: { wish, ...bid } }) => ({
      member: hexOf(member),
      ...texts(bid),
      ...wish,
    })),
    readings: readingsOf(drawn).map((signed) => ({
      member: hexOf(signed.reading.member),
      encoded: toHex(encodeReading(signed)),
    })),
  });
}

/** @param drawn a late reading @returns its line */
export function lineOfLate(drawn: DrawnLate): string {
  const { gap, content } = drawn;
  const [member] = drawn.members;
  if (member === undefined) throw new RangeError("a late reading without its member");
  return JSON.stringify({
    interval: drawn.interval,
    mode: drawn.mode,
    intervalMs: drawn.intervalMs,
    timeLapse: drawn.timeLapse,
    member: { ...enrolledOf(member), stated: statedOf(content) },
    gap: [gap.from, gap.to],
    carryBefore: String(gap.before?.carry ?? 0n),
    carryAfter: String(gap.after?.carry ?? 0n),
    policies: drawn.policies.map(policyOf),
    money: moneyOf(drawn.money),
  });
}

function enrolledOf({ id, area, meters, ratingW }: PaperMember): object {
  return { id: hexOf(id), area, meters: meters.map(({ role, fuel }) => ({ role, fuel })), ratingW };
}

/** What a reading says, without the figures that follow from it. */
function statedOf(content: Reading["content"]): object {
  switch (content.kind) {
    case "missing":
      return { missing: content.reason };
    case "measured":
      return { carryIn: String(content.carryIn), meters: registersOf(content) };
    case "spanning":
      return { from: content.from, meters: registersOf(content) };
    default:
      return content satisfies never;
  }
}

function registersOf({ meters }: Extract<Reading["content"], { meters: unknown }>): readonly object[] {
  return meters.map(({ start, end, resolutionMilliWh }) => ({
    start: start.map(String),
    end: end.map(String),
    resolutionMilliWh,
  }));
}

function policyOf(policy: Policy): object {
  const { prices, creditLimits, carbon, connectionRatings, ...rest } = policy;
  return {
    ...texts(rest),
    prices: prices.map(texts),
    creditLimits: creditLimits.map(([member, limit]) => [hexOf(member), String(limit)]),
    carbon: texts(carbon),
    connectionRatings: connectionRatings.map(([member, ratingW]) => [hexOf(member), ratingW]),
  };
}

function moneyOf({ issued, accounts }: Money): object {
  const nameOf = (account: AccountId) => (isMemberId(account) ? hexOf(account) : account);
  return {
    issued: String(issued),
    accounts: [...accounts].map(([account, amount]) => [nameOf(account), String(amount)]),
  };
}

/** Integers of any size as text; everything else as it is. */
function texts(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "bigint" ? String(value) : value]),
  );
}

function hexOf(member: MemberId): string {
  return toHex(memberIdBytes(member));
}
