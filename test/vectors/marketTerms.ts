/**
 * Intervals with money, worked by hand from docs/market.md: settlement, credit, auction, wishes. The street, its lists and
 * its ties are those of marketIntervals.ts: written lists run B, D, C, A, and so do ties, from place `interval` mod 4 on.
 * Accounts are written by name and address together: carbon, fees, imbalance, the members, rounding, supplier.
 *
 * The prices, in micro-coins (µ) per kWh, unless an interval says otherwise: trade 333,333, supplier sells at 400,001 and
 * buys at 100,499, fee 1,500. Carbon: diesel 700 g/kWh, grid-mix, which is the supplier's, 450, at 1,001 µ/kg.
 */
import { does, type HandInterval, seller } from "./marketIntervals.ts";

export const HAND_TERMS: readonly HandInterval[] = [
  {
    // 8 mod 4 = 0: B before A. 2 Wh: 666.666 paid as 667, received as 666, fee 3, carbon 2 · 700 · 1,001 / 10^6 = 1.4014, so
    // 2. 3 Wh: 999.999 paid as 1,000, received as 999, fee 4.5, so 5, carbon 2.1021, so 3. D feeds in the other 2:
    // 200.998, so 200. B 10,000 − 667 − 3 − 2; A −1,000 − 5 − 3; D 666 + 999 + 200; 1 + 1 rounded off.
    name: "what a trade costs",
    interval: 8,
    mode: "grid-tied",
    members: [does("A", 0n, 3n), does("B", 0n, 2n), does("C", 0n, 0n), seller("D", 7n, "diesel")],
    standing: [],
    terms: { policy: {}, accounts: [["B", 10_000n]] },
    expected: {
      missing: [],
      trades: [
        ["D", "B", 2n],
        ["D", "A", 3n],
      ],
      signal: [7n, 5n, 0n, 2n],
      stop: "no-deficit",
      orders: [],
      residuals: [["D", "fed-in", 2n]],
      settlement: {
        price: 333_333n,
        ineligible: [],
        trades: [
          { price: 333_333n, paid: 667n, received: 666n, fee: 3n, carbon: 2n, fuels: [["diesel", 2n]] },
          { price: 333_333n, paid: 1_000n, received: 999n, fee: 5n, carbon: 3n, fuels: [["diesel", 3n]] },
        ],
        residuals: [{ price: 100_499n, amount: 200n, carbon: 0n }],
      },
      accounts: [
        ["carbon", 5n],
        ["fees", 8n],
        ["B", 9_328n],
        ["D", 1_865n],
        ["A", -1_008n],
        ["rounding", 2n],
        ["supplier", -200n],
      ],
    },
  },
  {
    // The limit is 2,000, C's own is 0. A at −2,000 and C at 0 are not above it and buy from the supplier; B at −1,999 is.
    // So the deficit is B's 2 alone: 2 of D's 4 are unsold. B pays 672 as above. Supplier: D gets 200; C 1 Wh 400.001, so
    // 401, carbon 450 · 1,001 / 10^6 = 0.45, so 1; A 3 Wh 1,200.003, so 1,201, carbon 1.35, so 2.
    name: "who is out of credit buys from the supplier",
    interval: 12,
    mode: "grid-tied",
    members: [does("A", 0n, 3n), does("B", 0n, 2n), does("C", 0n, 1n), seller("D", 4n, "diesel")],
    standing: [],
    terms: {
      policy: { creditLimit: 2_000n, creditLimits: [["C", 0n]] },
      accounts: [
        ["A", -2_000n],
        ["B", -1_999n],
        ["supplier", 3_999n],
      ],
    },
    expected: {
      missing: [],
      trades: [["D", "B", 2n]],
      signal: [4n, 2n, 0n, 2n],
      stop: "no-deficit",
      orders: [],
      residuals: [
        ["D", "fed-in", 2n],
        ["C", "bought", 1n],
        ["A", "bought", 3n],
      ],
      settlement: {
        price: 333_333n,
        ineligible: ["C", "A"],
        trades: [
          { price: 333_333n, paid: 667n, received: 666n, fee: 3n, carbon: 2n, fuels: [["diesel", 2n]] },
        ],
        residuals: [
          { price: 100_499n, amount: 200n, carbon: 0n },
          { price: 400_001n, amount: 401n, carbon: 1n },
          { price: 400_001n, amount: 1_201n, carbon: 2n },
        ],
      },
      accounts: [
        ["carbon", 5n],
        ["fees", 3n],
        ["B", -2_671n],
        ["D", 866n],
        ["C", -402n],
        ["A", -3_203n],
        ["rounding", 1n],
        ["supplier", 5_401n],
      ],
    },
  },
  {
    // As before, islanded: A pays the imbalance, without carbon. Its order is renewed as it stands, as if A were missing; but
    // it was measured: 3 are as much as 1 and two meters that step by 1 Wh allow.
    name: "who is out of credit in an islanded street",
    interval: 12,
    mode: "islanded",
    members: [does("A", 0n, 3n), does("B", 0n, 2n), does("C", 0n, 0n), seller("D", 4n, "diesel")],
    standing: [["A", 1n, 5n]],
    terms: {
      policy: { creditLimit: 2_000n },
      accounts: [
        ["A", -2_000n],
        ["supplier", 2_000n],
      ],
    },
    expected: {
      missing: [],
      trades: [["D", "B", 2n]],
      signal: [4n, 2n, 0n, 2n],
      stop: "no-deficit",
      orders: [["A", 14, 1n, 5n]],
      compliance: [["A", 1n, 3n, false, "complied"]],
      residuals: [["A", "imbalance", 3n]],
      settlement: {
        price: 333_333n,
        ineligible: ["A"],
        trades: [
          { price: 333_333n, paid: 667n, received: 666n, fee: 3n, carbon: 2n, fuels: [["diesel", 2n]] },
        ],
        residuals: [{ price: 400_001n, amount: 1_201n, carbon: 0n }],
      },
      accounts: [
        ["carbon", 2n],
        ["fees", 3n],
        ["imbalance", 1_201n],
        ["B", -672n],
        ["D", 666n],
        ["A", -3_201n],
        ["rounding", 1n],
        ["supplier", 2_000n],
      ],
    },
  },
  {
    // S: D's 5 from 10,000 on, C's 4 more from 30,000 on. D(p): A's 6 up to 40,001, B's 4 up to 25,000. Volumes: up to
    // 25,000 min(5, 10) = 5, up to 29,999 min(5, 6) = 5, from 30,000 to 40,001 min(9, 6) = 6, above 0. The imbalance is 3 all
    // the way, the middle 70,001 / 2 = 35,000. A buys 6; D, cheaper, sells 5, C the sixth. 8 mod 4 = 0: D before C. C's cap
    // of 4 and its limit leave 4 unsold, B's limit 4 unmet. 5 Wh are 175, fee 7.5, so 8; 1 Wh is 35, fee 1.5, so 2. B: 4 Wh
    // at 400,001 are 1,600.004, so 1,601, carbon 4 · 450 · 1,001 / 10^6 = 1.8, so 2. C: 4 at 100,499 are 401.996, so 401.
    name: "an auction that limits end",
    interval: 8,
    mode: "grid-tied",
    members: [does("A", 0n, 6n), does("B", 0n, 4n), seller("C", 5n, "biogas"), seller("D", 5n, "solar")],
    standing: [],
    terms: {
      policy: { pricing: "auction", floor: 10_000n, cap: 100_000n },
      accounts: [],
      bids: [
        { member: "C", side: "sell", limit: 30_000n, cap: 4n },
        { member: "A", side: "buy", limit: 40_001n, cap: 100n },
        { member: "B", side: "buy", limit: 25_000n, cap: 100n },
      ],
    },
    expected: {
      missing: [],
      trades: [
        ["D", "A", 5n],
        ["C", "A", 1n],
      ],
      signal: [10n, 10n, 4n, 4n],
      stop: "limits",
      orders: [],
      residuals: [
        ["B", "bought", 4n],
        ["C", "fed-in", 4n],
      ],
      settlement: {
        price: 35_000n,
        ineligible: [],
        trades: [
          { price: 35_000n, paid: 175n, received: 175n, fee: 8n, carbon: 0n, fuels: [["solar", 5n]] },
          { price: 35_000n, paid: 35n, received: 35n, fee: 2n, carbon: 0n, fuels: [["biogas", 1n]] },
        ],
        residuals: [
          { price: 400_001n, amount: 1_601n, carbon: 2n },
          { price: 100_499n, amount: 401n, carbon: 0n },
        ],
      },
      accounts: [
        ["carbon", 2n],
        ["fees", 10n],
        ["B", -1_603n],
        ["D", 175n],
        ["C", 436n],
        ["A", -220n],
        ["supplier", 1_200n],
      ],
    },
  },
  {
    // Floor and cap are 20,000, so that is the price. 9 mod 4 = 1: D, C, A, B. A wishes for wind: it takes C's 3 first; then
    // the walk: D gives A the one it lacks and B 2. 3 Wh are 60, fee 4.5, so 5; 1 Wh 20, fee 1.5, so 2; 2 Wh 40, fee 3.
    name: "a wish moves pairs and nothing else",
    interval: 9,
    mode: "grid-tied",
    members: [does("A", 0n, 4n), does("B", 0n, 2n), seller("C", 3n, "wind"), seller("D", 3n, "solar")],
    standing: [],
    terms: {
      policy: { pricing: "auction", floor: 20_000n, cap: 20_000n },
      accounts: [],
      bids: [{ member: "A", side: "buy", limit: 20_000n, cap: 100n, fuel: "wind" }],
    },
    expected: {
      missing: [],
      trades: [
        ["C", "A", 3n],
        ["D", "A", 1n],
        ["D", "B", 2n],
      ],
      signal: [6n, 6n, 0n, 0n],
      stop: "balanced",
      orders: [],
      residuals: [],
      settlement: {
        price: 20_000n,
        ineligible: [],
        trades: [
          { price: 20_000n, paid: 60n, received: 60n, fee: 5n, carbon: 0n, fuels: [["wind", 3n]] },
          { price: 20_000n, paid: 20n, received: 20n, fee: 2n, carbon: 0n, fuels: [["solar", 1n]] },
          { price: 20_000n, paid: 40n, received: 40n, fee: 3n, carbon: 0n, fuels: [["solar", 2n]] },
        ],
        residuals: [],
      },
      accounts: [
        ["fees", 10n],
        ["B", -43n],
        ["D", 60n],
        ["C", 60n],
        ["A", -87n],
      ],
    },
  },
  {
    // T = 2 of 12: D 16/12 = 1, 4 over; C 8/12 = 0, 8 over and the Wh left. Unsold: D 7, C 3. Of the 3 that may be fed in D's
    // quota is 21/10 = 2, 1 over, C's 9/10 = 0, 9 over, so C has the third. D may give 1 + 2, C 1 + 1. D wanted 9 before.
    // D gave 8 where 7 and two meters of 1 Wh allow 9; C gave 4 where 1 and 2 allow 3. All 10 are fed in all the same:
    // 703.493 and 301.497. 1 Wh is 333.333, fee 1.5.
    name: "more than the street may feed in",
    interval: 8,
    mode: "grid-tied",
    members: [does("A", 0n, 2n), does("B", 0n, 0n), seller("C", 4n, "solar"), seller("D", 8n, "solar")],
    standing: [
      ["C", 1n, 2n],
      ["D", 7n, 9n, true],
    ],
    terms: { policy: { feedInLimit: 3n }, accounts: [] },
    expected: {
      missing: [],
      trades: [
        ["D", "A", 1n],
        ["C", "A", 1n],
      ],
      signal: [12n, 2n, 0n, 10n],
      stop: "no-deficit",
      orders: [
        ["D", 10, 3n, 9n],
        ["C", 10, 2n, 4n],
      ],
      residuals: [
        ["D", "fed-in", 7n],
        ["C", "fed-in", 3n],
      ],
      compliance: [
        ["D", 7n, 8n, true, "complied"],
        ["C", 1n, 4n, false, "exceeded"],
      ],
      settlement: {
        price: 333_333n,
        ineligible: [],
        trades: [
          { price: 333_333n, paid: 334n, received: 333n, fee: 2n, carbon: 0n, fuels: [["solar", 1n]] },
          { price: 333_333n, paid: 334n, received: 333n, fee: 2n, carbon: 0n, fuels: [["solar", 1n]] },
        ],
        residuals: [
          { price: 100_499n, amount: 703n, carbon: 0n },
          { price: 100_499n, amount: 301n, carbon: 0n },
        ],
      },
      accounts: [
        ["fees", 4n],
        ["D", 1_036n],
        ["C", 634n],
        ["A", -672n],
        ["rounding", 2n],
        ["supplier", -1_004n],
      ],
    },
  },
  {
    // T = 1: D's quota 4/6, C's 2/6: D. Unsold: 3 and 2, 5 less than may be fed in. The 5 are split over the 6 and 3 that
    // the orders take away: D 30/9 = 3, 3 over; C 15/9 = 1, 6 over, and the Wh left. D 4 + 3 of 10, C 2 + 2 of 5.
    name: "orders of generation raised by the room that is left",
    interval: 12,
    mode: "grid-tied",
    members: [does("A", 0n, 1n), does("B", 0n, 0n), seller("C", 2n, "solar"), seller("D", 4n, "solar")],
    standing: [
      ["C", 2n, 5n],
      ["D", 4n, 10n, true],
    ],
    terms: { policy: { feedInLimit: 10n }, accounts: [] },
    expected: {
      missing: [],
      trades: [["D", "A", 1n]],
      signal: [6n, 1n, 0n, 5n],
      stop: "no-deficit",
      orders: [
        ["D", 14, 7n, 10n],
        ["C", 14, 4n, 5n],
      ],
      residuals: [
        ["D", "fed-in", 3n],
        ["C", "fed-in", 2n],
      ],
      compliance: [
        ["D", 4n, 4n, true, "complied"],
        ["C", 2n, 2n, false, "complied"],
      ],
      settlement: {
        price: 333_333n,
        ineligible: [],
        trades: [
          { price: 333_333n, paid: 334n, received: 333n, fee: 2n, carbon: 0n, fuels: [["solar", 1n]] },
        ],
        residuals: [
          { price: 100_499n, amount: 301n, carbon: 0n },
          { price: 100_499n, amount: 200n, carbon: 0n },
        ],
      },
      accounts: [
        ["fees", 2n],
        ["D", 634n],
        ["C", 200n],
        ["A", -336n],
        ["rounding", 1n],
        ["supplier", -501n],
      ],
    },
  },
];
