/** Planted bugs that keep a street from committing, and those of its disks. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const CORE = "agent/core/consensus";
const HUNTS = [
  { mode: "liveness", members: 4 },
  { mode: "liveness", members: 7 },
] as const;

const STRAGGLERS = [
  { mode: "straggler", members: 4 },
  { mode: "straggler", members: 5 },
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
    hunts: STRAGGLERS,
  },
  {
    name: "a body that is missing is not asked for",
    patches: [{ file: `${CORE}/step.ts`, from: '  emit(step, { kind: "need-body", blockHash });\n', to: "" }],
    hunts: STRAGGLERS,
  },
  {
    name: "a disk that acknowledges before it wrote",
    patches: [],
    hasFsync: false,
    hunts: [{ mode: "safety", members: 4 }],
  },
  {
    name: "everybody's vote is needed",
    patches: [
      {
        file: `${CORE}/quorum.ts`,
        from: "Math.ceil((voterCount + maxFaulty(voterCount) + 1) / 2)",
        to: "voterCount + 0 * maxFaulty(voterCount)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "round 0 has no timer",
    patches: [
      {
        file: `${CORE}/roundChange.ts`,
        from: '  emit(step, { kind: "set-timer", round: step.state.round });\n',
        to: "",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a later round's timer never starts",
    patches: [
      { file: `${CORE}/roundChange.ts`, from: '  emit(step, { kind: "set-timer", round });\n', to: "" },
    ],
    hunts: HUNTS,
  },
  {
    name: "a mandate is not taken up",
    patches: [
      {
        file: `${CORE}/roundChange.ts`,
        from: 'emit(step, { kind: "build", round, justification });',
        to: "void justification;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a COMMIT of a round that was left does not count",
    patches: [
      {
        file: `${CORE}/decision.ts`,
        from: "if (certificate !== null || commits.length < quorum(config.voters.length)) return;",
        to: "if (certificate !== null || round < step.state.round || commits.length < quorum(config.voters.length)) return;",
      },
    ],
    hunts: HUNTS,
  },
];
