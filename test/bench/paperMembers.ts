/**
 * One interval of a street of any size, on paper: as its block would be built from, without a signature. Random from a
 * seed, with as many who sell as who buy, bids, wishes and fuels; the bound of a genesis on its members is left out.
 */
import { genesisState, type LedgerContext, ledgerContext } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import { type Bid, NO_WISH, type StandingBid } from "../../agent/core/market/bid.ts";
import type { Enrolment } from "../../agent/core/membership/enrolment.ts";
import type { Pricing } from "../../agent/core/membership/policy.ts";
import type { RosterMember } from "../../agent/core/membership/roster.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { intervalIndex, pricePerKwh, wh } from "../../agent/core/units.ts";
import { between, type Random, seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { FIRST_INTERVAL, measured, testEnrolment, testGenesis } from "../support/chainBuilder.ts";
import { signPolicy, testPolicy } from "../support/testPolicy.ts";

/** What an interval is settled from. */
export type PaperStreet = {
  readonly context: LedgerContext;
  readonly state: LedgerState;
  readonly readings: readonly SignedReading[];
};

const SIGNATURE = new Uint8Array(64);
const KEY_BYTES = 33;
const AREAS = ["north", "south", "street"] as const;
const FUELS = ["solar", "wind", "biogas"] as const;
/** A quarter of an hour of a household, Wh. */
const MOST_GENERATED_WH = 2_500;
const MOST_CONSUMED_WH = 2_000;
/** Micro-coins per kWh, on both sides of the policy's bounds, and so fine that hardly two bids share one. */
const [LEAST_LIMIT, MOST_LIMIT] = [20_000, 450_000];
const BID_SHARE = 0.8;
const WISH_SHARE = 0.3;
const SEED = 1;

/**
 * @param members how many, ≥ 1
 * @param pricing of the policy in force
 * @returns an interval of theirs, the same one for the same arguments
 */
export function paperStreet(members: number, pricing: Pricing): PaperStreet {
  const random = seededRandom(SEED, members);
  const enrolments = Array.from({ length: members }, (_, index) => enrolment(index, random));
  const policies = [signPolicy(testPolicy(FIRST_INTERVAL, { pricing }))];
  const genesis = testGenesis(enrolments, { mode: "grid-tied", policies });
  const context = ledgerContext(genesis, () => false);
  const bids = context.roster.members.flatMap((member) => bidsOf(member, random));
  const readings = context.roster.members.map((member) => reading(member, random));
  return { context, state: { ...genesisState(context), bids }, readings };
}

function enrolment(index: number, random: Random): Enrolment {
  const name = `member${index + 1}`;
  const meters = (["generation", "consumption"] as const).map((role, place) => ({
    serial: `${name}-${place + 1}`,
    role,
    fuel: role === "generation" ? oneOf(FUELS, random) : null,
  }));
  const body = {
    ...TEMPLATE,
    name,
    publicKey: Uint8Array.from({ length: KEY_BYTES }, () => between(random, 0, 256)),
    meters,
    area: oneOf(AREAS, random),
  };
  return { body, signature: SIGNATURE };
}

const TEMPLATE = testEnrolment("template").body;

function reading({ id }: RosterMember, random: Random): SignedReading {
  const generated = Math.floor(random() < 1 / 2 ? 0 : between(random, 0, MOST_GENERATED_WH));
  const consumed = Math.floor(between(random, 0, generated === 0 ? MOST_CONSUMED_WH : generated));
  return {
    reading: {
      member: id,
      interval: FIRST_INTERVAL,
      sequence: 1,
      boot: 1,
      time: "synchronised",
      content: measured([generated, consumed]),
    },
    signature: SIGNATURE,
  };
}

function bidsOf({ id }: RosterMember, random: Random): readonly StandingBid[] {
  return (["buy", "sell"] as const).flatMap((side) =>
    random() < BID_SHARE ? [{ member: id, bid: bid(side, random) }] : [],
  );
}

function bid(side: Bid["side"], random: Random): Bid {
  const isWishing = side === "buy" && random() < WISH_SHARE;
  return {
    side,
    limit: pricePerKwh(BigInt(Math.floor(between(random, LEAST_LIMIT, MOST_LIMIT)))),
    cap: wh(BigInt(MOST_GENERATED_WH)),
    from: intervalIndex(0),
    to: null,
    wish: isWishing ? { area: oneOf(AREAS, random), fuel: null } : NO_WISH,
  };
}

function oneOf<Value>(values: readonly [Value, ...Value[]], random: Random): Value {
  return values[Math.floor(between(random, 0, values.length))] ?? values[0];
}
