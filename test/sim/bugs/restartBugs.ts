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

/** A vote is lost and given back only where a gateway loses its disk and the street goes on without it. */
const RETURN_HUNTS = [
  { mode: "safety", members: 4 },
  { mode: "safety", members: 5 },
] as const;
const REJOIN = "agent/services/participation/rejoin.ts";

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
  {
    name: "a gateway that lost its votes votes again above the next block that it gets",
    patches: [
      {
        file: REJOIN,
        from: 'if (request === undefined) return { kind: "none" };',
        to: 'if (request === undefined) return { kind: "granted", height: header.height };',
      },
    ],
    hunts: RETURN_HUNTS,
  },
  {
    name: "the nonce of an earlier life gives the vote back",
    patches: [
      {
        file: REJOIN,
        from: 'return content.kind === "rejoin" && equalBytes(content.nonce, nonce);',
        to: 'return content.kind === "rejoin" && equalBytes(nonce, nonce);',
      },
    ],
    hunts: RETURN_HUNTS,
  },
];
