/**
 * Ten intervals worked by hand from docs/market.md. Each number is reasoned out beside it; none was taken from a program,
 * but for the draws of the tie order, which are what `sha256sum` prints.
 *
 * The street has the members A, B, C and D with the address bytes 01…01, 02…02, 03…03 and 04…04.
 * Written lists ascend by the text of the address, `meter1…`. Its first letter after the 1 stands for the bits 00000, a q,
 * for each of them; the second for the next three bits and the first two of the next byte, 00: A 00100 y, B 01000 g,
 * C 01100 v, D 10000 s. So the sequence is B, D, C, A.
 * Ties: SHA-256 of 32 zero bytes and the address begins A e97af054, B 6aa919f4, C e3b4b8a3, D afd4ff8c: B, D, C, A,
 * and of A, B and C alone B, C, A.
 */
import type { Fuel, MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { GridMode } from "../../agent/core/membership/genesis.ts";

/** A member of the street. */
export type Letter = "A" | "B" | "C" | "D";

/** What one member's meters did, in Wh: one number a register, import before export; or why nothing is known. */
export type HandMember = {
  readonly member: Letter;
  readonly did: Readonly<Partial<Record<MeterRole, readonly bigint[]>>> | string;
  /** 11 kW unless said otherwise. */
  readonly ratingW?: number;
  /** Of its generation; solar unless said otherwise. */
  readonly fuel?: Fuel;
};

/** A member or an account with a name. */
export type HandAccount = Letter | "carbon" | "fees" | "imbalance" | "rounding" | "supplier";

/** Policy, accounts and bids; prices in µcoin per kWh, accounts in µcoin. */
export type HandTerms = {
  /** What differs from the policy of marketTerms.ts. */
  readonly policy: {
    readonly pricing?: "schedule" | "auction";
    readonly floor?: bigint;
    readonly cap?: bigint;
    readonly creditLimit?: bigint;
    readonly creditLimits?: readonly (readonly [Letter, bigint])[];
    readonly feedInLimit?: bigint;
  };
  readonly accounts: readonly (readonly [HandAccount, bigint])[];
  readonly bids?: readonly {
    readonly member: Letter;
    readonly side: "buy" | "sell";
    readonly limit: bigint;
    readonly cap: bigint;
    readonly fuel?: Fuel;
  }[];
};

/** Member, limit, what was measured, whether it was acknowledged, and the result. */
export type HandCompliance = readonly [
  Letter,
  limit: bigint,
  measured: bigint | null,
  acknowledged: boolean,
  result: string,
];

/** Money that has to come out. */
export type HandSettlement = {
  readonly price: bigint | null;
  readonly ineligible: readonly Letter[];
  readonly trades: readonly {
    readonly price: bigint;
    readonly paid: bigint;
    readonly received: bigint;
    readonly fee: bigint;
    readonly carbon: bigint;
    readonly fuels: readonly (readonly [Fuel | "undeclared", bigint])[];
  }[];
  readonly residuals: readonly { readonly price: bigint; readonly amount: bigint; readonly carbon: bigint }[];
};

/** One interval: what happened, and what has to come out, each list in the sequence that a block has. */
export type HandInterval = {
  readonly name: string;
  readonly interval: number;
  readonly mode: GridMode;
  /** 1 unless said otherwise; the interval is a quarter of an hour. */
  readonly timeLapse?: number;
  readonly members: readonly HandMember[];
  /** Member, limit, wanted, and whether it was acknowledged: what binds this interval. */
  readonly standing: readonly (readonly [Letter, bigint, bigint, boolean?])[];
  /** Without them no policy holds, and no coin moves. */
  readonly terms?: HandTerms;
  readonly expected: {
    readonly missing: readonly (readonly [Letter, string])[];
    readonly trades: readonly (readonly [from: Letter, to: Letter, wh: bigint])[];
    readonly signal: readonly [excess: bigint, deficit: bigint, unmet: bigint, unsold: bigint];
    readonly stop: string;
    /** Of consumption in an islanded street, of generation in a grid-tied one. */
    readonly orders: readonly (readonly [Letter, interval: number, limit: bigint, wanted: bigint])[];
    readonly residuals: readonly (readonly [Letter, kind: string, wh: bigint])[];
    /** What became of the orders that bound this interval. */
    readonly compliance?: readonly HandCompliance[];
    readonly settlement?: HandSettlement;
    /** After the interval. */
    readonly accounts?: readonly (readonly [HandAccount, bigint])[];
  };
  /** What follows the readings in the encoded interval, where it was worked out by hand too. */
  readonly encodedAfterReadings?: string;
};

/** @param member who @param generated Wh @param consumed Wh @returns it with a meter for each */
export const does = (member: Letter, generated: bigint, consumed: bigint): HandMember => ({
  member,
  did: { generation: [generated], consumption: [consumed] },
});

/** @param member who @param generated Wh @param fuel of it @returns it, consuming nothing */
export const seller = (member: Letter, generated: bigint, fuel: Fuel): HandMember => ({
  ...does(member, generated, 0n),
  fuel,
});

export const HAND_INTERVALS: readonly HandInterval[] = [
  {
    // The figures of the paper: generates 20, needs 60, nobody has excess.
    name: "golden case of the paper",
    interval: 7,
    mode: "islanded",
    members: [does("A", 10n, 10n), does("B", 20n, 60n), does("C", 0n, 0n)],
    standing: [],
    expected: {
      missing: [],
      trades: [],
      signal: [0n, 40n, 40n, 0n],
      stop: "no-excess",
      orders: [["B", 9, 0n, 40n]],
      residuals: [],
    },
    // Missing 80, trades 80; signal: 84, 00, 40 as 18 28 twice, 00; nine letters 69 "no-excess"; one order 81: 85,
    // twenty bytes 54 02…02, eleven letters 6b "consumption", 09, 00, 18 28; residuals, compliance and settlement 80, 80, f6.
    encodedAfterReadings: `80808400182818280069${"6e6f2d657863657373"}818554${"02".repeat(20)}6b${"636f6e73756d7074696f6e"}09001828${"8080f6"}`,
  },
  {
    // 400 to sell, 300 wanted: all wanted is met, 100 are left for the supplier.
    name: "one seller, one buyer, a rest for the grid",
    interval: 0,
    mode: "grid-tied",
    members: [does("A", 500n, 100n), does("B", 0n, 300n), does("C", 5n, 5n)],
    standing: [],
    expected: {
      missing: [],
      trades: [["A", "B", 300n]],
      signal: [400n, 300n, 0n, 100n],
      stop: "no-deficit",
      orders: [],
      residuals: [["A", "fed-in", 100n]],
    },
  },
  {
    // T = 10 of 15. Quotas: A 70/15 = 4, 10 over; B 50/15 = 3, 5 over; C 30/15 = 2. One Wh is left, for A.
    // 8 mod 4 = 0, so buyers stand B, C, A.
    name: "largest remainder without a tie",
    interval: 8,
    mode: "islanded",
    members: [does("A", 1n, 8n), does("B", 0n, 5n), does("C", 2n, 5n), does("D", 10n, 0n)],
    standing: [],
    expected: {
      missing: [],
      trades: [
        ["D", "B", 3n],
        ["D", "C", 2n],
        ["D", "A", 5n],
      ],
      signal: [10n, 15n, 5n, 0n],
      stop: "no-excess",
      orders: [
        ["B", 10, 3n, 5n],
        ["C", 10, 2n, 3n],
        ["A", 10, 5n, 7n],
      ],
      residuals: [],
    },
  },
  {
    // T = 4 of 6. Each quota is 8/6 = 1, 2 over: a tie. 8 mod 4 = 0: B, D, C, A, so B has the odd Wh.
    name: "three alike, the order not turned",
    interval: 8,
    mode: "grid-tied",
    members: [does("A", 0n, 2n), does("B", 0n, 2n), does("C", 0n, 2n), does("D", 4n, 0n)],
    standing: [],
    expected: {
      missing: [],
      trades: [
        ["D", "B", 2n],
        ["D", "C", 1n],
        ["D", "A", 1n],
      ],
      signal: [4n, 6n, 2n, 0n],
      stop: "no-excess",
      orders: [],
      residuals: [
        ["C", "bought", 1n],
        ["A", "bought", 1n],
      ],
    },
  },
  {
    // The same, two intervals later: 10 mod 4 = 2: C, A, B, D, so C has the odd Wh and is served first.
    name: "three alike, the order turned by two",
    interval: 10,
    mode: "grid-tied",
    members: [does("A", 0n, 2n), does("B", 0n, 2n), does("C", 0n, 2n), does("D", 4n, 0n)],
    standing: [],
    expected: {
      missing: [],
      trades: [
        ["D", "C", 2n],
        ["D", "A", 1n],
        ["D", "B", 1n],
      ],
      signal: [4n, 6n, 2n, 0n],
      stop: "no-excess",
      orders: [],
      residuals: [
        ["B", "bought", 1n],
        ["A", "bought", 1n],
      ],
    },
  },
  {
    // 9 mod 4 = 1: D, C, A, B. Sellers D 5 and A 7, buyers C 6 and B 6: D gives C its 5, A the missing one, then B 6.
    // D's connection, 19 W, carries 4.75 Wh in a quarter of an hour: up to 5 are taken.
    name: "two sellers, two buyers, everything goes",
    interval: 9,
    mode: "grid-tied",
    members: [does("A", 8n, 1n), does("B", 0n, 6n), does("C", 0n, 6n), { ...does("D", 5n, 0n), ratingW: 19 }],
    standing: [],
    expected: {
      missing: [],
      trades: [
        ["D", "C", 5n],
        ["A", "C", 1n],
        ["A", "B", 6n],
      ],
      signal: [12n, 12n, 0n, 0n],
      stop: "balanced",
      orders: [],
      residuals: [],
    },
  },
  {
    // T = 6, 4 unsold. B's order takes 4 away, C's 2: of the 4, B's quota is 16/6 = 2, 4 over, C's 8/6 = 1, 2 over. The
    // Wh left is B's: 2 + 3 of 6, and 3 + 1 of 5. 12 mod 4 = 0: buyers stand B, C, A.
    name: "orders raised by what was left over",
    interval: 12,
    mode: "islanded",
    members: [does("A", 0n, 1n), does("B", 0n, 2n), does("C", 0n, 3n), does("D", 10n, 0n)],
    standing: [
      ["C", 3n, 5n],
      ["B", 2n, 6n],
    ],
    expected: {
      missing: [],
      trades: [
        ["D", "B", 2n],
        ["D", "C", 3n],
        ["D", "A", 1n],
      ],
      signal: [10n, 6n, 0n, 4n],
      stop: "no-deficit",
      orders: [
        ["B", 14, 5n, 6n],
        ["C", 14, 4n, 5n],
      ],
      compliance: [
        ["B", 2n, 2n, false, "complied"],
        ["C", 3n, 3n, false, "complied"],
      ],
      residuals: [],
    },
  },
  {
    // 18 of 20 unsold cover the 4 that B's order takes away: released. C is not measured: renewed as it stands, with no
    // share. A says why it has no reading.
    name: "an order released, one renewed in silence",
    interval: 13,
    mode: "islanded",
    members: [
      { member: "A", did: "meter-timeout" },
      does("B", 0n, 2n),
      { member: "C", did: "silent" },
      does("D", 20n, 0n),
    ],
    standing: [
      ["B", 2n, 6n],
      ["C", 3n, 5n],
    ],
    expected: {
      missing: [
        ["C", "silent"],
        ["A", "meter-timeout"],
      ],
      trades: [["D", "B", 2n]],
      signal: [20n, 2n, 0n, 18n],
      stop: "no-deficit",
      orders: [["C", 15, 3n, 5n]],
      compliance: [
        ["B", 2n, 2n, false, "complied"],
        ["C", 3n, null, false, "unknown"],
      ],
      residuals: [],
    },
  },
  {
    // T = 3 of 6: B 12/6 = 2, A 6/6 = 1, nothing over. B wanted 9 before it obeyed: that is what it goes on wanting.
    // 20 mod 4 = 0: B before A. C, with nothing to buy, loses nothing and gains nothing: nothing was unsold, so its order
    // stays.
    name: "a shortage under standing orders",
    interval: 20,
    mode: "islanded",
    members: [does("A", 0n, 2n), does("B", 0n, 4n), does("C", 0n, 0n), does("D", 3n, 0n)],
    standing: [
      ["B", 4n, 9n],
      ["C", 0n, 1n],
    ],
    expected: {
      missing: [],
      trades: [
        ["D", "B", 2n],
        ["D", "A", 1n],
      ],
      signal: [3n, 6n, 3n, 0n],
      stop: "no-excess",
      orders: [
        ["B", 22, 2n, 9n],
        ["C", 22, 0n, 1n],
        ["A", 22, 1n, 2n],
      ],
      compliance: [
        ["B", 4n, 4n, false, "complied"],
        ["C", 0n, 0n, false, "complied"],
      ],
      residuals: [],
    },
  },
  {
    // Every set of roles. A generates 5 and exports 6: E_C = 5 − 6 = −1 counts as 0, so its position is 5. B draws 10^7 and
    // exports nothing. C draws one Wh more than 1 W carries in a quarter of an hour lived 40,000,000 times as fast: 10^7.
    // D generates 2^53 + 1. T = 10^7 of 2^53 + 6: A's quota 5 · 10^7 / (2^53 + 6) is 0, 5 · 10^7 over; D's is T less the
    // same: T − 1, far more over. So D sells all of it, and feeds in 9007199254740993 − 10000000.
    name: "every set of meters, and more than a float can hold",
    interval: 16,
    mode: "grid-tied",
    timeLapse: 40_000_000,
    members: [
      { member: "A", did: { generation: [5n], grid: [0n, 6n] } },
      { member: "B", did: { grid: [10_000_000n, 0n] }, ratingW: 1 },
      { member: "C", did: { consumption: [10_000_001n] }, ratingW: 1 },
      { member: "D", did: { generation: [9_007_199_254_740_993n] }, ratingW: 1_000_000_000 },
    ],
    standing: [],
    expected: {
      missing: [["C", "quarantined"]],
      trades: [["D", "B", 10_000_000n]],
      signal: [9_007_199_254_740_998n, 10_000_000n, 0n, 9_007_199_244_740_998n],
      stop: "no-deficit",
      orders: [],
      residuals: [
        ["D", "fed-in", 9_007_199_244_740_993n],
        ["A", "fed-in", 5n],
      ],
    },
  },
];
