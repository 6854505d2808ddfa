/**
 * Late readings worked by hand from docs/market.md, "Corrections". Prices are those of marketTerms.ts. Premiums per kWh:
 * grid-mix 450 · 1,001 / 1,000 = 450.45, so 451; diesel 700.7, so 701, the highest. What is consumed costs the higher of
 * 400,001 + 451 = 400,452 and trade + 1,500 + 701; what is generated earns the lower of 100,499 and trade. With the
 * trade price 333,333 that is 400,452 and 100,499.
 */
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { GridMode } from "../../agent/core/membership/genesis.ts";
import type { HandTerms } from "./marketIntervals.ts";

/** A late reading of the member A, and what has to come out. */
export type HandLate = {
  readonly name: string;
  readonly mode: GridMode;
  /** One number a register, import before export, in Wh. */
  readonly did: Readonly<Partial<Record<MeterRole, readonly bigint[]>>>;
  /** Intervals that it spans, from edge to edge of a gap; 1 is a measured one. */
  readonly intervals: number;
  /** Carries of the readings before and after it. */
  readonly carries?: readonly [before: bigint, after: bigint];
  readonly policy: HandTerms["policy"];
  readonly expected: {
    readonly against: string;
    readonly generated: bigint;
    readonly consumed: bigint;
    readonly prices: readonly [consumed: bigint, generated: bigint];
    /** Of A; the account it is set against has the contrary. */
    readonly amount: bigint;
  };
};

export const HAND_LATE: readonly HandLate[] = [
  {
    // 3 of the 10 are its own: 7 Wh at 400,452 are 2,803.164, so 2,804.
    name: "one interval late: its position",
    mode: "grid-tied",
    did: { generation: [3n], consumption: [10n] },
    intervals: 1,
    policy: {},
    expected: {
      against: "supplier",
      generated: 3n,
      consumed: 10n,
      prices: [400_452n, 100_499n],
      amount: -2_804n,
    },
  },
  {
    // Nobody knows what of it met: 3 earn 301.497, so 301; 10 cost 4,004.52, so 4,005.
    name: "two intervals late: both as a whole",
    mode: "grid-tied",
    did: { generation: [3n], consumption: [10n] },
    intervals: 2,
    policy: {},
    expected: {
      against: "supplier",
      generated: 3n,
      consumed: 10n,
      prices: [400_452n, 100_499n],
      amount: -3_704n,
    },
  },
  {
    // Consumed at the cap, 1,000,000 + 1,500 + 701; generated at the floor. 3 earn 30, 10 cost 10,022.01, so 10,023.
    name: "islanded, where an auction was held",
    mode: "islanded",
    did: { generation: [3n], consumption: [10n] },
    intervals: 2,
    policy: { pricing: "auction", floor: 10_000n, cap: 1_000_000n },
    expected: {
      against: "imbalance",
      generated: 3n,
      consumed: 10n,
      prices: [1_002_201n, 10_000n],
      amount: -9_993n,
    },
  },
  {
    // E_C = 5 − 4 exported − 3 carried before + 1 left to the reading after = −1: earned at the price of what is
    // generated, 100.499, so 100; the 5 earn 502.495, so 502.
    name: "consumed comes out below 0",
    mode: "grid-tied",
    did: { generation: [5n], grid: [0n, 4n] },
    intervals: 2,
    carries: [-3n, -1n],
    policy: {},
    expected: {
      against: "supplier",
      generated: 5n,
      consumed: -1n,
      prices: [400_452n, 100_499n],
      amount: 602n,
    },
  },
  {
    // 11 kW carry 2,750 Wh in a quarter of an hour, 5,500 in two.
    name: "more than the connection carries",
    mode: "grid-tied",
    did: { generation: [0n], consumption: [5_501n] },
    intervals: 2,
    policy: {},
    expected: { against: "quarantined", generated: 0n, consumed: 5_501n, prices: [0n, 0n], amount: 0n },
  },
];
