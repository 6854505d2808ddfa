/** Planted bugs of the rules against censorship, and of what keeps these rules from being turned on honest DSOs. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const CORE = "agent/core";
const FOUR = [{ mode: "censor", members: 4 }] as const;
const FOUR_OR_SEVEN = [
  { mode: "censor", members: 4 },
  { mode: "censor", members: 7 },
] as const;

export const CENSORSHIP_BUGS: readonly PlantedBug[] = [
  {
    name: "a block of round 0 need not be complete",
    patches: [
      {
        file: "agent/services/agreement/blockJudge.ts",
        from: "if (omitted === null)",
        to: "if (omitted !== undefined)",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "transactions do not count for completeness",
    patches: [
      {
        file: `${CORE}/ledger/blocks/completeness.ts`,
        from: "const waiting = absentTransactions(block, facts)[0];",
        to: "const waiting = absentTransactions(block, { ...facts, transactions: [] })[0];",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "an item counts after half the time",
    patches: [
      {
        file: `${CORE}/consensus/roundTrip.ts`,
        from: "return Math.max(graceMs / 2, roundTrip, skewMs + roundTrip / 2);",
        to: "return Math.max(graceMs / 2, roundTrip, skewMs + roundTrip / 2) / 2;",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "an item counts however late it came",
    patches: [
      {
        file: `${CORE}/ledger/blocks/completeness.ts`,
        from: "return sinceMs <= times.middleOfGraceMs && sinceMs <= lastMs;",
        to: "return sinceMs <= Math.max(times.middleOfGraceMs, lastMs);",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "a new DSO owes nothing that is named",
    patches: [
      {
        file: `${CORE}/ledger/blocks/owedItems.ts`,
        from: "namedThreshold(own.voters.voters.length)",
        to: "1_000 * namedThreshold(own.voters.voters.length)",
      },
    ],
    hunts: [{ mode: "censor", members: 7 }],
  },
  {
    name: "one ROUND_CHANGE makes a new DSO owe an item",
    patches: [
      {
        file: `${CORE}/consensus/item.ts`,
        from: "return maxFaulty(voterCount) + 1;",
        to: "return 1 + 0 * maxFaulty(voterCount);",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "one COMMIT makes the next block owe an item",
    patches: [
      {
        file: `${CORE}/consensus/item.ts`,
        from: "return Math.max(voterCount - quorum(voterCount) + 1, 2);",
        to: "return 1 + 0 * quorum(voterCount);",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
];
