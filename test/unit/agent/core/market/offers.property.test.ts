/**
 * 20 000 random streets with bids: the outcome that an auction leads to, and who claims which fuel of it.
 * Properties of claims are shown to fail on planted faults.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type BalanceInput,
  balance,
  type IntervalOutcome,
  sidesOf,
} from "../../../../../agent/core/market/balance.ts";
import { auction } from "../../../../../agent/core/market/offers.ts";
import {
  type Claims,
  claim,
  excessByFuel,
  type FuelAmounts,
  type Provenance,
} from "../../../../../agent/core/market/provenance.ts";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { FUELS } from "../../../../../agent/core/membership/enrolment.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { type BidCase, bidCase } from "../../../../support/bidCases.ts";
import { measured, testMember } from "../../../../support/marketCases.ts";
import { outcomeViolations, permutationViolations } from "../../../../support/marketProperties.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";
import { type ClaimViolation, claimViolations } from "../../../../support/provenanceProperties.ts";

const CASES = 20_000;
const seed = propertySeed("offers.property");

const random = suite("auction, random streets with bids");

random("holds every property of the market, and claims each Wh once, in 20 000 streets", () => {
  const tally = { trades: 0, apart: 0, fuels: 0, fedIn: 0, orders: 0 };
  const holds = (street: BidCase) => {
    const { outcome, excesses, claims } = settled(street, street.input);
    assert.equal(
      [
        ...outcomeViolations(street.input, outcome, "auction"),
        ...permutationViolations(outcome, settled(street, street.permuted).outcome),
        ...claimViolations(outcome, street.generated, excesses, claims),
      ],
      [],
    );
    tally.trades += outcome.trades.length > 1 ? 1 : 0;
    tally.apart += outcome.stop === "limits" ? 1 : 0;
    tally.fuels += claims.trades.some((part) => part.length > 1) ? 1 : 0;
    tally.fedIn += claims.residuals.some((part) => part.length > 1) ? 1 : 0;
    tally.orders += outcome.orders.length > 0 ? 1 : 0;
  };
  fc.assert(fc.property(bidCase(), holds), { seed, numRuns: CASES });
  const rare = Object.entries(tally).filter(([, count]) => count < CASES / 50);
  assert.equal(rare, [], "every kind of street came up in at least one of fifty cases");
});

random.run();

const planted = suite("properties of claims, planted faults");

const A = testMember(0);
const B = testMember(1);
const C = testMember(2);

/** A generated 6 solar and 4 diesel and has 7 left over: 4 and 3. It sells 4 to B, and feeds 3 in; C buys 2. */
const OUTCOME: Pick<IntervalOutcome, "positions" | "trades" | "residuals"> = {
  positions: [measured(A, 10n, 3n), measured(B, 0n, 4n), measured(C, 0n, 2n)],
  trades: [{ from: A, to: B, wh: wh(4n) }],
  residuals: [
    { member: A, kind: "fed-in", wh: wh(3n) },
    { member: C, kind: "bought", wh: wh(2n) },
  ],
};
const GENERATED = new Map([[A, fuels(["solar", 6n], ["diesel", 4n])]]);
const EXCESSES = new Map([[A, fuels(["solar", 4n], ["diesel", 3n])]]);

const FAULTS: readonly {
  name: string;
  breaks: ClaimViolation;
  excesses?: ReadonlyMap<MemberId, FuelAmounts>;
  plant: (right: Claims) => Claims;
}[] = [
  {
    name: "a trade has no fuels",
    breaks: "claims-not-parallel",
    plant: (right) => ({ ...right, trades: [] }),
  },
  {
    name: "a Wh of a trade is of no fuel",
    breaks: "claim-not-whole",
    plant: (right) => ({ ...right, trades: [fuels(["solar", 2n], ["diesel", 1n])] }),
  },
  {
    name: "fuels stand in another order",
    breaks: "claim-not-whole",
    plant: (right) => ({ ...right, trades: right.trades.map((part) => [...part].reverse()) }),
  },
  {
    name: "sun is sold and fed in again",
    breaks: "claimed-twice",
    plant: (right) => ({ ...right, residuals: [fuels(["solar", 3n]), []] }),
  },
  {
    name: "a trade takes all the sun",
    breaks: "claim-not-in-proportion",
    plant: () => ({ trades: [fuels(["solar", 4n])], residuals: [fuels(["diesel", 3n]), []] }),
  },
  {
    name: "less diesel is fed in than is left",
    breaks: "feed-in-not-the-rest",
    plant: (right) => ({ ...right, residuals: [fuels(["solar", 2n], ["wind", 1n]), []] }),
  },
  {
    name: "energy of the supplier is the street's",
    breaks: "claim-of-the-supplier",
    plant: (right) => ({ ...right, residuals: [right.residuals[0]!, fuels(["wind", 2n])] }),
  },
  {
    name: "the excess is greener than what was generated",
    breaks: "excess-not-in-proportion",
    excesses: new Map([[A, fuels(["solar", 6n], ["diesel", 1n])]]),
    plant: (right) => right,
  },
];

for (const { name, breaks, excesses = EXCESSES, plant } of FAULTS) {
  planted(`are broken when ${name}`, () => {
    assert.equal(excessByFuel(wh(7n), GENERATED.get(A)!), EXCESSES.get(A));
    const right = claim(OUTCOME, EXCESSES);
    assert.equal(claimViolations(OUTCOME, GENERATED, EXCESSES, right), []);
    const found = claimViolations(OUTCOME, GENERATED, excesses, plant(right));
    assert.ok(found.includes(breaks), `${breaks} in [${found.join(", ")}]`);
  });
}

planted("are broken when an auction leaves a stop reason that does not fit", () => {
  const input: BalanceInput = {
    interval: intervalIndex(3),
    mode: "grid-tied",
    positions: [measured(A, 5n, 0n), measured(B, 0n, 5n)],
    missing: [],
    tieOrder: [A, B],
    standingOrders: [],
    ineligible: new Set(),
    feedInLimit: null,
  };
  const nothing = balance(input, sidesOf(input), { sold: new Map(), bought: new Map(), trades: [] });
  assert.equal(outcomeViolations(input, nothing, "auction"), []);
  assert.equal(outcomeViolations(input, { ...nothing, stop: "no-excess" }, "auction"), ["stop-wrong"]);
});

planted.run();

function settled({ terms, areas, generated }: BidCase, input: BalanceInput) {
  const excesses = new Map(
    input.positions.map(({ member, position }) => {
      const excess = wh(position > 0n ? position : 0n);
      return [member, excessByFuel(excess, generated.get(member)!)] as const;
    }),
  );
  const origins = new Map(
    [...excesses].map(([member, parts]) => [
      member,
      {
        area: areas.get(member)!,
        fuels: new Set(FUELS.filter((fuel) => parts.some(([one]) => one === fuel))),
      },
    ]),
  );
  const outcome = balance(input, sidesOf(input), auction(sidesOf(input), { ...terms, origins }));
  return { outcome, excesses, claims: claim(outcome, excesses) };
}

function fuels(...entries: readonly (readonly [Provenance, bigint])[]): FuelAmounts {
  return entries.map(([fuel, amount]) => [fuel, wh(amount)]);
}
