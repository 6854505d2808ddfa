/**
 * Compiles a policy file to policies of the ledger: local times to intervals, coins to micro-coins, and as many policies
 * as it takes for each to fit a transaction.
 */
import type { PolicyFile, TariffEntry } from "../config/policySchema.ts";
import { encode } from "../core/codec.ts";
import { MAX_TRANSACTION_BYTES } from "../core/ledger/state/transaction.ts";
import { isMemberId, type MemberId } from "../core/membership/address.ts";
import { FUELS, type Fuel } from "../core/membership/enrolment.ts";
import { cborSignedPolicy, MAX_PRICE_STEPS, type Policy, type PriceStep } from "../core/membership/policy.ts";
import { SIGNATURE_BYTES } from "../core/signature.ts";
import { intervalIndex, microCoins, pricePerKwh, wh } from "../core/units.ts";
import { usageError } from "./cliError.ts";
import { LocalTime } from "./localTime.ts";

/** What surrounds a signed policy in a transaction: its signer, number, kind and signature. */
const TRANSACTION_AROUND_BYTES = 128;
const MICRO_DIGITS = 6;
const MINUTES_PER_HOUR = 60;
/** A year of quarters of an hour, ten times over, and a month of seconds. */
const MAX_INTERVALS = 3_000_000;

/**
 * @param file of the Regulator
 * @returns its policies in order, the first with the file's version; more than one where the steps need more room
 * @throws CliError `CLI_USAGE` when it ends before it begins, spans too much, or names a member that is none
 */
export function compilePolicy(file: PolicyFile): readonly Policy[] {
  const time = new LocalTime(file.timeZone);
  const intervalMs = file.intervalSeconds * 1_000;
  const from = Math.ceil(time.instantOf(file.from) / intervalMs);
  const to = Math.ceil(time.instantOf(file.to) / intervalMs);
  if (to <= from)
    throw usageError(`from ${file.from} to ${file.to} holds no interval`, "end after the beginning");
  if (to - from > MAX_INTERVALS)
    throw usageError(`${to - from} intervals are more than ${MAX_INTERVALS}`, "write several policies");
  const steps = stepsOf(file, time, from, to);
  const policies: Policy[] = [];
  for (let first = 0; first < steps.length; ) {
    const length = stepsThatFit(file, steps.slice(first));
    const next = steps[first + length]?.from ?? to;
    policies.push(policyOf(file, policies.length, steps.slice(first, first + length), next));
    first += length;
  }
  return policies;
}

/** @param coins decimal text with at most six digits behind the point @returns whole micro-coins */
export function microCoinsOf(coins: string): bigint {
  const [whole = "0", part = ""] = coins.split(".");
  return BigInt(whole + part.padEnd(MICRO_DIGITS, "0"));
}

/** The price of an interval is that of the local time at which it begins, whatever the clocks do that night. */
function stepsOf(file: PolicyFile, time: LocalTime, from: number, to: number): readonly PriceStep[] {
  const intervalMs = file.intervalSeconds * 1_000;
  const steps: PriceStep[] = [];
  let before: TariffEntry | undefined;
  for (let interval = from; interval < to; interval += 1) {
    const { minuteOfDay, isWeekend } = time.at(interval * intervalMs);
    const entries = isWeekend ? (file.weekendTariff ?? file.tariff) : file.tariff;
    const entry = entries.findLast((one) => minutesOf(one.from) <= minuteOfDay);
    if (entry === undefined || (before !== undefined && isSamePrice(entry, before))) continue;
    before = entry;
    steps.push({
      from: intervalIndex(interval),
      trade: priceOf(entry.trade),
      supplierSells: priceOf(entry.supplierSells),
      supplierBuys: priceOf(entry.supplierBuys),
    });
  }
  return steps;
}

function isSamePrice(one: TariffEntry, other: TariffEntry): boolean {
  return (
    one.trade === other.trade &&
    one.supplierSells === other.supplierSells &&
    one.supplierBuys === other.supplierBuys
  );
}

function stepsThatFit(file: PolicyFile, steps: readonly PriceStep[]): number {
  let [fits, tooMany] = [1, Math.min(steps.length, MAX_PRICE_STEPS) + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (bytesOf(file, steps.slice(0, middle)) <= MAX_TRANSACTION_BYTES - TRANSACTION_AROUND_BYTES)
      fits = middle;
    else tooMany = middle;
  }
  return fits;
}

function bytesOf(file: PolicyFile, steps: readonly PriceStep[]): number {
  const policy = policyOf(file, 0, steps, Number.MAX_SAFE_INTEGER);
  return encode(cborSignedPolicy({ policy, signature: new Uint8Array(SIGNATURE_BYTES) })).length;
}

function policyOf(file: PolicyFile, part: number, prices: readonly PriceStep[], to: number): Policy {
  return {
    microgridId: file.microgrid,
    version: file.version + part,
    from: prices[0]?.from ?? intervalIndex(0),
    to: intervalIndex(to),
    pricing: file.pricing,
    prices,
    floor: priceOf(file.floor),
    cap: priceOf(file.cap),
    feedInLimit: file.feedInLimitWh === undefined ? null : wh(BigInt(file.feedInLimitWh)),
    creditLimit: microCoins(microCoinsOf(file.creditLimit)),
    creditLimits: byMember(file.creditLimits, (limit) => microCoins(microCoinsOf(limit))),
    fee: priceOf(file.fee),
    supplierFuel: file.supplierFuel,
    mixTarget: byFuel(file.mixTarget),
    carbon: { grams: byFuel(file.carbonGrams), rate: priceOf(file.carbonRate) },
    connectionRatings: byMember(file.connectionRatingsW, (ratingW) => ratingW),
  };
}

function byMember<Given, Value>(
  entries: Readonly<Record<string, Given>>,
  toValue: (given: Given) => Value,
): readonly (readonly [MemberId, Value])[] {
  return Object.entries(entries)
    .map(([member, given]): readonly [MemberId, Value] => {
      if (!isMemberId(member))
        throw usageError(`${member} is no address`, "`edso status` on a gateway shows its own");
      return [member, toValue(given)];
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function byFuel(entries: Readonly<Partial<Record<string, number>>>): readonly (readonly [Fuel, number])[] {
  return FUELS.flatMap((fuel) => {
    const value = entries[fuel];
    return value === undefined ? [] : [[fuel, value] as const];
  });
}

function priceOf(coins: string) {
  return pricePerKwh(microCoinsOf(coins));
}

function minutesOf(time: string): number {
  const [hours = "0", minutes = "0"] = time.split(":");
  return Number(hours) * MINUTES_PER_HOUR + Number(minutes);
}
