/** Planted bugs of own votes: what a restart forgets. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const CORE = "agent/core/consensus";
const HUNTS = [
  { mode: "safety", members: 3 },
  { mode: "safety", members: 4 },
] as const;
const FORGET_SENT = {
  file: `${CORE}/resume.ts`,
  from: 'sentInRound: new Set(kinds.filter((kind) => kind !== "round-change")),',
  to: "sentInRound: new Set(kinds.slice(0, 0) as never[]),",
};

export const RESTART_BUGS: readonly PlantedBug[] = [
  { name: "what was sent in a round is forgotten at a restart", patches: [FORGET_SENT], hunts: HUNTS },
  {
    name: "the same, and the journal is not asked before signing",
    patches: [
      FORGET_SENT,
      {
        file: `${CORE}/ownVote.ts`,
        from: "const same = kept.find((one) => isSamePlace(one.message, vote));",
        to: "const same = kept.find((one) => isSamePlace(one.message, vote) && one.message.height < 0);",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "the round is forgotten at a restart",
    patches: [
      {
        file: `${CORE}/resume.ts`,
        from: "const round = roundOf(highestRound(mine));",
        to: "const round = roundOf(0 * highestRound(mine));",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "what was prepared is forgotten at a restart",
    patches: [
      {
        file: `${CORE}/resume.ts`,
        from: "prepared: lastPrepared(mine),",
        to: "prepared: lastPrepared(mine.slice(0, 0)),",
      },
    ],
    hunts: HUNTS,
  },
];
