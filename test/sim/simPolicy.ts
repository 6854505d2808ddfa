/** The policies of simulated streets: on half of the seeds one in the genesis, and others that come while the street runs. */
import type { TransactionContent } from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { Policy, PriceStep } from "../../agent/core/membership/policy.ts";
import { intervalIndex, microCoins, pricePerKwh, wh } from "../../agent/core/units.ts";
import { type Draw, drawFor } from "./draw.ts";
import type { SimStreet } from "./street.ts";

/** Streets may feed in nothing, or one to three of these. */
const FEED_IN_STEP_WH = 700n;
/** Seeds whose street has a policy. */
const WITH_POLICY_SHARE = 0.5;
/** Intervals that the policy of the genesis holds for: some runs outlast it. */
const INTERVALS = { least: 4, most: 40 } as const;
/** Prices that leave a fraction of a µcoin on nearly every trade. */
const PRICES = { least: 1_001, most: 399_999 } as const;
/** Limits that a household of the simulator runs into within some intervals, and one that it never does. */
const CREDIT_LIMITS = [0n, 150_000n, 600_000n, 10_000_000_000n] as const;
/** Policies whose trades are priced by bids. */
const AUCTION_SHARE = 0.5;
const DEPLOYMENTS = ["next", "past", "one-key", "overlap", "issue", "issue-to-nobody", "own-issue"] as const;

/** @param seed of the run @param members of the street @param from its first interval @returns the policy of its genesis; null on half of the seeds */
export function simPolicy(seed: number, members: readonly MemberId[], from: number): Policy | null {
  const draw = drawFor(seed, "policy");
  if (!draw.chance(WITH_POLICY_SHARE)) return null;
  return drawnPolicy(draw, members, 1, from, from + draw.integer(INTERVALS.least, INTERVALS.most));
}

/**
 * What a GridAdmin asks for while the street runs: policies that follow, and some that must not be taken.
 *
 * @param street of the run
 * @param draw of the deployments
 * @param standing policies and the next interval, as the gateway that submits it sees them
 * @returns the content
 */
export function drawnDeployment(
  street: SimStreet,
  draw: Draw,
  {
    policies,
    nextInterval,
  }: { readonly policies: readonly { readonly policy: Policy }[]; readonly nextInterval: number },
): { readonly content: TransactionContent; readonly isOwn: boolean } {
  const ids = street.members.map(({ id }) => id);
  const version = 1 + Math.max(0, ...policies.map(({ policy }) => policy.version));
  const free = Math.max(nextInterval + 3, ...policies.map(({ policy }) => policy.to));
  const deploy = (from: number, to: number, as: "regulator" | "grid-admin" = "regulator") =>
    ({ kind: "policy", signed: street.signPolicy(drawnPolicy(draw, ids, version, from, to), as) }) as const;
  const amount = microCoins(BigInt(draw.integer(1, 3_000_000)));
  const kind = draw.one(DEPLOYMENTS);
  switch (kind) {
    case "next":
      return { content: deploy(free, free + draw.integer(1, 10)), isOwn: false };
    case "past":
      return { content: deploy(nextInterval - 9, nextInterval - 4), isOwn: false };
    case "one-key":
      return { content: deploy(free, free + draw.integer(1, 10), "grid-admin"), isOwn: false };
    case "overlap":
      return { content: deploy(free - 1, free + 1), isOwn: false };
    case "issue":
      return { content: { kind: "issue", to: draw.one(ids), amount }, isOwn: false };
    case "issue-to-nobody":
      return { content: { kind: "issue", to: draw.one(ids), amount: microCoins(0n) }, isOwn: false };
    case "own-issue":
      return { content: { kind: "issue", to: draw.one(ids), amount }, isOwn: true };
    default:
      return kind satisfies never;
  }
}

function drawnPolicy(
  draw: Draw,
  members: readonly MemberId[],
  version: number,
  from: number,
  to: number,
): Policy {
  const price = () => pricePerKwh(BigInt(draw.integer(PRICES.least, PRICES.most)));
  const prices: PriceStep[] = [];
  for (let at = from; at < to; at += draw.integer(1, 4))
    prices.push({ from: intervalIndex(at), trade: price(), supplierSells: price(), supplierBuys: price() });
  return {
    microgridId: "sim-street",
    version,
    from: intervalIndex(from),
    to: intervalIndex(to),
    pricing: draw.chance(AUCTION_SHARE) ? "auction" : "schedule",
    prices,
    floor: pricePerKwh(BigInt(PRICES.least)),
    cap: pricePerKwh(BigInt(PRICES.most)),
    // Not drawn: it must not move the other draws.
    feedInLimit: version % 2 === 0 ? null : wh(BigInt(from % 4) * FEED_IN_STEP_WH),
    creditLimit: microCoins(draw.one(CREDIT_LIMITS)),
    creditLimits: draw
      .some(members, draw.integer(0, 1))
      .map((member) => [member, microCoins(draw.one(CREDIT_LIMITS))] as const),
    fee: pricePerKwh(BigInt(draw.integer(0, 9_999))),
    supplierFuel: draw.one(["grid-mix", "hydro"]),
    mixTarget: [["solar", 500]],
    carbon: {
      grams: [
        ["diesel", draw.integer(0, 900)],
        ["grid-mix", draw.integer(0, 500)],
      ],
      rate: pricePerKwh(BigInt(draw.integer(0, 99_999))),
    },
    connectionRatings: draw
      .some(members, draw.integer(0, 1))
      .map((member) => [member, draw.integer(4_000, 20_000)] as const),
  };
}
