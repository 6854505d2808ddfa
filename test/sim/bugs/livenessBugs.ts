/** Planted bugs that keep a street from committing, and those of its disks. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const CORE = "agent/core/consensus";
const HUNTS = [
  { mode: "liveness", members: 4 },
  { mode: "liveness", members: 7 },
] as const;

export const LIVENESS_BUGS: readonly PlantedBug[] = [
  {
    name: "a timer without a cap",
    patches: [
      {
        file: `${CORE}/timing.ts`,
        from: "Math.min(baseMs * GROWTH_PER_ROUND ** timing.round, capMs)",
        to: "baseMs * 2 ** timing.round + 0 * capMs",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a later round's timer waits for everybody",
    patches: [
      {
        file: `${CORE}/roundChange.ts`,
        from: "if (arrived < quorum(config.voters.length)) return;",
        to: "if (arrived < config.voters.length) return;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "nobody follows f + 1 voters that are further on",
    patches: [
      {
        file: `${CORE}/roundChange.ts`,
        from: "if (target !== undefined && target > round)",
        to: "if (target !== undefined && target > round + 1_000)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a body that is missing is not asked for",
    patches: [{ file: `${CORE}/step.ts`, from: '  emit(step, { kind: "need-body", blockHash });\n', to: "" }],
    hunts: [
      { mode: "liveness", members: 4 },
      { mode: "liveness", members: 6 },
      { mode: "liveness", members: 7 },
    ],
  },
  {
    name: "a disk that acknowledges before it wrote",
    patches: [],
    hasFsync: false,
    hunts: [{ mode: "safety", members: 4 }],
  },
];
