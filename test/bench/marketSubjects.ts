/** What of the market is timed for a number of members, and what it is compared with. */
import { settleInterval } from "../../agent/core/ledger/settlement/settleInterval.ts";
import { NO_MONEY, posted } from "../../agent/core/market/accounts.ts";
import { proRata } from "../../agent/core/market/allocation.ts";
import { type BalanceInput, balance, sidesOf } from "../../agent/core/market/balance.ts";
import { auction } from "../../agent/core/market/offers.ts";
import { positionOf } from "../../agent/core/market/position.ts";
import { claim, excessByFuel, generatedByFuel } from "../../agent/core/market/provenance.ts";
import { postingsOf, settle } from "../../agent/core/market/settle.ts";
import { tradeInterval } from "../../agent/core/market/tradeInterval.ts";
import { type PaperStreet, paperStreet } from "./paperMembers.ts";
import type { Subject } from "./timing.ts";

/** What everything else is a multiple of: the positions as they come, by `Array.prototype.sort`. */
export const SORT = "sort the positions";
/** The same by V8's typed sort, which compares no two values in JavaScript. */
export const TYPED_SORT = "sort them as 64-bit integers";
export const SPLIT = "split and pair";
export const BALANCE = "balance";

/** @param members how many @returns the sorts and balancing by the policy's prices */
export function balanceSubjects(members: number): readonly Subject[] {
  return balancing(paperStreet(members, "schedule"));
}

/** @param members how many @returns the sorts and every contract of the market, by itself and together */
export function marketSubjects(members: number): readonly Subject[] {
  const street = paperStreet(members, "schedule");
  const bidding = paperStreet(members, "auction");
  return [...balancing(street), ...contracts(bidding), whole("schedule", street), whole("auction", bidding)];
}

function balancing(street: PaperStreet): readonly Subject[] {
  const input = inputOf(street);
  const sides = sidesOf(input);
  const amounts = input.positions.map(({ position }) => BigInt(position));
  return [
    { name: SORT, run: () => amounts.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0)) },
    { name: TYPED_SORT, run: () => BigInt64Array.from(amounts).sort() },
    { name: SPLIT, run: () => proRata(sides) },
    { name: BALANCE, run: () => balance(input) },
  ];
}

function contracts(street: PaperStreet): readonly Subject[] {
  const { state } = street;
  const input = inputOf(street);
  const policy = policyOf(street);
  const sources = sourcesOf(street);
  const sides = sidesOf(input);
  const excesses = new Map(
    sides.excesses.map(({ member, wh }) => [member, excessByFuel(wh, sources.get(member)?.generated ?? [])]),
  );
  const origins = new Map(
    [...sources].map(([member, { area }]) => [
      member,
      {
        area,
        fuels: new Set(
          (excesses.get(member) ?? []).flatMap(([fuel]) => (fuel === "undeclared" ? [] : [fuel])),
        ),
      },
    ]),
  );
  const terms = { interval: input.interval, bounds: policy, bids: state.bids, origins };
  const traded = tradeInterval({ input, policy, bids: state.bids, sources });
  return [
    { name: "auction, with its pairs", run: () => auction(sides, terms) },
    { name: "fuels of trades and feed-in", run: () => claim(traded.outcome, excesses) },
    {
      name: "settle, with the accounts",
      run: () => {
        const settlement = settle({ ...traded, policy, ineligible: [] });
        if (settlement === null) throw new RangeError("an amount beyond 64 bits");
        posted(NO_MONEY, postingsOf(traded.outcome, settlement));
      },
    },
  ];
}

function whole(pricing: string, { context, state, readings }: PaperStreet): Subject {
  return {
    name: `whole interval, ${pricing}`,
    run: () => settleInterval(context, state, readings, state.money),
  };
}

function inputOf({ context, state, readings }: PaperStreet): BalanceInput {
  return {
    interval: state.nextInterval,
    positions: readings.map(({ reading: { member, content } }) => {
      if (content.kind !== "measured") throw new RangeError(`${member} is not measured`);
      return positionOf({ member, generated: content.generated, consumed: content.consumed });
    }),
    missing: [],
    tieOrder: context.tieOrder,
    mode: context.genesis.mode,
    standingOrders: [],
    feedInLimit: null,
    ineligible: new Set(),
  };
}

function sourcesOf({ context, readings }: PaperStreet) {
  return new Map(
    readings.flatMap(({ reading: { member, content } }) => {
      const enrolled = context.roster.byId.get(member);
      if (enrolled === undefined || content.kind !== "measured") return [];
      return [[member, { area: enrolled.area, generated: generatedByFuel(enrolled, content) }] as const];
    }),
  );
}

function policyOf({ state }: PaperStreet) {
  const [signed] = state.policies;
  if (signed === undefined) throw new RangeError("no policy is in force");
  return signed.policy;
}
