/** Planted bugs of recovery: what is lost, signed twice or left behind where a street goes on in a new epoch. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const LEDGER = "agent/core/ledger";
const ENTRY = "agent/services/voting/epochEntry.ts";
const JOURNAL = "agent/adapters/journal/voteJournalState.ts";
const HUNTS = [
  { mode: "recovery", members: 4 },
  { mode: "recovery", members: 5 },
  { mode: "recovery", members: 7 },
] as const;
const VOTES_ON = {
  file: ENTRY,
  from: "if (epoch === null) return null;",
  to: "if (epoch !== undefined) return null;",
};

export const RECOVERY_BUGS: readonly PlantedBug[] = [
  {
    name: "one report too few proves a recovery",
    patches: [
      {
        file: "agent/core/consensus/recoveryCount.ts",
        from: "return voters - quorum(voters) + liarsLeft + 1;",
        to: "return voters - quorum(voters) + liarsLeft;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "reports of gateways that may have forgotten votes count",
    patches: [
      {
        file: `${LEDGER}/chain/recover.ts`,
        from: "reports.filter(({ report }) => report.isSound)",
        to: "reports.filter(({ report }) => report.epoch >= 0)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a prepared block is not adopted",
    patches: [
      {
        file: `${LEDGER}/chain/recover.ts`,
        from: "const found = reports.flatMap(({ prepared }) => (prepared === null ? [] : [prepared]));",
        to: "const found = reports.flatMap(({ prepared }) => (prepared === null ? [] : [prepared])).slice(0, 0);",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "the prepared block of the lowest round is adopted",
    patches: [
      {
        file: `${LEDGER}/chain/recover.ts`,
        from: "one.round > highest.round ? one : highest",
        to: "one.round < highest.round ? one : highest",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a recovery goes on from a lower head than is reported",
    patches: [
      {
        file: `${LEDGER}/chain/judgeReport.ts`,
        from: "if (head.height > state.height) return",
        to: "if (head.height > state.height) return accept({ ...signed, prepared: null });\n  if (head.height < 0) return",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a report says nothing of what was prepared",
    patches: [
      {
        file: "agent/services/voting/renounce.ts",
        from: "const found = preparedByOwn(votes, height);",
        to: "const found = preparedByOwn(votes.slice(0, 0), height);",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a vote after the epoch was given up",
    patches: [
      VOTES_ON,
      {
        file: JOURNAL,
        from: "if (state.abstention !== null || state.isRenounced || message.height <= floorOf(state)) return null;",
        to: "if (state.abstention !== null || message.height <= floorOf(state)) return null;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "the same, and the journal is asked before signing",
    patches: [VOTES_ON],
    hunts: HUNTS,
  },
  {
    name: "what waits for a block is not signed again in the next epoch",
    patches: [
      {
        file: "agent/services/pools/outboxInEpoch.ts",
        from: "return verify(publicKey, message, signed.signature) ? null : message;",
        to: "return verify(publicKey, message, signed.signature) ? null : null;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "an older epoch may be entered",
    patches: [
      { file: ENTRY, from: "entered.number > number)", to: "entered.number < 0)" },
      {
        file: JOURNAL,
        from: "epoch.number <= state.epoch.number",
        to: "epoch.number === state.epoch.number",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a second genesis of the same number may be entered",
    patches: [
      { file: ENTRY, from: "entered.chainId !== chainId)", to: "entered.chainId !== chainId && number < 0)" },
    ],
    hunts: HUNTS,
  },
  {
    name: "forgotten votes are not forgiven in the next epoch",
    patches: [
      { file: ENTRY, from: "&& isWhole ? outboxBoot : null;", to: "&& !isWhole ? outboxBoot : null;" },
    ],
    hunts: HUNTS,
  },
  {
    name: "what the next epoch goes on from is voted on again",
    patches: [
      {
        file: "agent/services/agreement/nextInstance.ts",
        from: "const isOfEpoch = height > baseHeight(newestEpoch(context));",
        to: "const isOfEpoch = height >= 0 * baseHeight(newestEpoch(context));",
      },
      {
        file: JOURNAL,
        from: "return Math.max(returnedAt ?? 0, epoch?.base ?? 0);",
        to: "return Math.max(returnedAt ?? 0, 0 * (epoch?.base ?? 0));",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "who is lost stays in the roster",
    patches: [
      {
        file: `${LEDGER}/chain/epochEnd.ts`,
        from: "const leaving = lost.filter((member) => !settled.removed.includes(member));",
        to: "const leaving = lost.filter((member) => settled.removed.includes(member));",
      },
    ],
    hunts: HUNTS,
  },
];
