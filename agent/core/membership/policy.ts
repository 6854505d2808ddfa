/**
 * The policy of a street for a span of intervals: what the Regulator decides about prices, fees, credit and carbon. It
 * is signed twice: by the Regulator over itself, and by the GridAdmin, who puts it on the chain.
 *
 * @source docs/market.md, "Policy"
 */
import {
  bytes,
  type Cbor,
  coins,
  count,
  type Decoder,
  encode,
  energy,
  interval,
  list,
  nullable,
  oneOf,
  price,
  text,
  tuple,
} from "../codec.ts";
import { type Hash, hashOf, ZERO_HASH } from "../hash.ts";
import { SIGNATURE_BYTES, signBytes } from "../signature.ts";
import type { IntervalIndex, MicroCoins, PricePerKwh, Wh } from "../units.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "./address.ts";
import { FUELS, type Fuel } from "./enrolment.ts";

/** How the price of a trade comes about: from the policy's steps, or from bids between its floor and its cap. */
export const PRICINGS = ["schedule", "auction"] as const;
export type Pricing = (typeof PRICINGS)[number];

/** Prices from an interval on, until the next step, in micro-coins per kWh. */
export type PriceStep = {
  readonly from: IntervalIndex;
  /** Between members. */
  readonly trade: PricePerKwh;
  /** What a member pays to the base-load supplier. */
  readonly supplierSells: PricePerKwh;
  /** What the base-load supplier pays to a member. */
  readonly supplierBuys: PricePerKwh;
};

/** What the Regulator decides for the intervals [from, to). Lists by member ascend by member id, lists by fuel as {@link FUELS}. */
export type Policy = {
  readonly microgridId: string;
  /** From 1, one more than that of the policy deployed before. */
  readonly version: number;
  readonly from: IntervalIndex;
  readonly to: IntervalIndex;
  readonly pricing: Pricing;
  /** Ascending; the first holds from `from` on. */
  readonly prices: readonly PriceStep[];
  /** Bounds of every trade price, micro-coins per kWh. */
  readonly floor: PricePerKwh;
  readonly cap: PricePerKwh;
  /** Most that the whole street feeds in during one interval, Wh; null for no limit. */
  readonly feedInLimit: Wh | null;
  /** How far an account may be below 0 while its member still buys from others, micro-coins ≥ 0. */
  readonly creditLimit: MicroCoins;
  /** The same for single members. */
  readonly creditLimits: readonly (readonly [MemberId, MicroCoins])[];
  /** What a buyer pays beside the price, micro-coins per kWh traded. */
  readonly fee: PricePerKwh;
  /** What the base-load supplier's energy is made from. */
  readonly supplierFuel: Fuel;
  /** What the street's energy is to be made from, in thousandths; together at most 1,000. */
  readonly mixTarget: readonly (readonly [Fuel, number])[];
  readonly carbon: {
    /** Grams of CO₂ per kWh, fossil fuels only. */
    readonly grams: readonly (readonly [Fuel, number])[];
    /** Micro-coins per kg. */
    readonly rate: PricePerKwh;
  };
  /** Rating of single connections in W, in place of the one that was enrolled. */
  readonly connectionRatings: readonly (readonly [MemberId, number])[];
};

/** A policy with the Regulator's signature. */
export type SignedPolicy = { readonly policy: Policy; readonly signature: Uint8Array };

/** Most steps of one policy: more than a month of quarters of an hour. */
export const MAX_PRICE_STEPS = 4_096;
/** Policies that a genesis and a state hold. */
export const MAX_POLICIES = 16;
/** More than a microgrid has members. */
const MAX_MEMBERS_NAMED = 200;
/** Heaviest fuels give off about 1,200 g/kWh. */
const MAX_GRAMS = 100_000;
const MAX_RATING_W = 1_000_000_000;

const hashes = new WeakMap<Policy, Hash>();

/** @param policy any @returns what identifies it: the hash that the Regulator signs and the state's root holds */
export function policyHash(policy: Policy): Hash {
  const known = hashes.get(policy) ?? hashOf(encode(cborPolicy(policy)));
  hashes.set(policy, known);
  return known;
}

/** @param policy any @returns the bytes the Regulator signs: bound to the street by the id in it, to the chain by who deploys it */
export function policySignBytes(policy: Policy): Uint8Array {
  return signBytes({ type: "policy", chainId: ZERO_HASH, epoch: 0, height: 0, round: 0 }, policyHash(policy));
}

/** @param signed any @returns its place in a message */
export function cborSignedPolicy({ policy, signature }: SignedPolicy): Cbor {
  return [cborPolicy(policy), signature];
}

/** Decoder of a signed policy. */
export const signedPolicy: Decoder<SignedPolicy> = (value) => {
  const [policy, signature] = tuple(policyDecoder, bytes(SIGNATURE_BYTES))(value);
  return { policy, signature };
};

function cborPolicy(policy: Policy): Cbor {
  const { carbon } = policy;
  return [
    policy.microgridId,
    policy.version,
    policy.from,
    policy.to,
    policy.pricing,
    policy.prices.map(({ from, trade, supplierSells, supplierBuys }) => [
      from,
      trade,
      supplierSells,
      supplierBuys,
    ]),
    policy.floor,
    policy.cap,
    policy.feedInLimit,
    policy.creditLimit,
    policy.creditLimits.map(([member, limit]) => [memberIdBytes(member), limit]),
    policy.fee,
    policy.supplierFuel,
    policy.mixTarget.map(([fuel, share]) => [fuel, share]),
    [carbon.grams.map(([fuel, grams]) => [fuel, grams]), carbon.rate],
    policy.connectionRatings.map(([member, ratingW]) => [memberIdBytes(member), ratingW]),
  ];
}

const stepDecoder: Decoder<PriceStep> = (value) => {
  const [from, trade, supplierSells, supplierBuys] = tuple(interval, price, price, price)(value);
  return { from, trade, supplierSells, supplierBuys };
};

/** Decoder of a policy without its signature. */
export const policyDecoder: Decoder<Policy> = (value) => {
  const [microgridId, version, from, to, pricing, prices, floor, cap, feedInLimit, ...rest] = tuple(
    text(63),
    count(),
    interval,
    interval,
    oneOf(PRICINGS),
    list(stepDecoder, MAX_PRICE_STEPS),
    price,
    price,
    nullable(energy),
    coins,
    list(tuple(memberDecoder, coins), MAX_MEMBERS_NAMED),
    price,
    oneOf(FUELS),
    list(tuple(oneOf(FUELS), count(1_000)), FUELS.length),
    tuple(list(tuple(oneOf(FUELS), count(MAX_GRAMS)), FUELS.length), price),
    list(tuple(memberDecoder, count(MAX_RATING_W)), MAX_MEMBERS_NAMED),
  )(value);
  const [creditLimit, creditLimits, fee, supplierFuel, mixTarget, [grams, rate], connectionRatings] = rest;
  return {
    microgridId,
    version,
    from,
    to,
    pricing,
    prices,
    floor,
    cap,
    feedInLimit,
    creditLimit,
    creditLimits,
    fee,
    supplierFuel,
    mixTarget,
    carbon: { grams, rate },
    connectionRatings,
  };
};
