/** Planted bugs of the agreement: each breaks one rule of docs/protocol.md in `agent/core/consensus`. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const CORE = "agent/core/consensus";
const SIX = [{ mode: "safety", members: 6 }] as const;
const FOUR_OR_SEVEN = [
  { mode: "safety", members: 4 },
  { mode: "safety", members: 7 },
] as const;
const THREE_OR_FOUR = [
  { mode: "safety", members: 3 },
  { mode: "safety", members: 4 },
] as const;

export const AGREEMENT_BUGS: readonly PlantedBug[] = [
  {
    name: "quorum of 2f + 1",
    patches: [
      {
        file: `${CORE}/quorum.ts`,
        from: "Math.ceil((voterCount + maxFaulty(voterCount) + 1) / 2)",
        to: "2 * maxFaulty(voterCount) + 1",
      },
    ],
    hunts: SIX,
  },
  {
    name: "COMMITs added up over mixed rounds",
    patches: [
      {
        file: `${CORE}/decision.ts`,
        from: "const commits = commitsFor(keeper, round, blockHash);",
        to: "const all = [...Array(round + 1).keys()].flatMap((at) => commitsFor(keeper, at as Round, blockHash)); const commits = all.filter((vote, index) => all.findIndex((other) => other.voter === vote.voter) === index).map((vote) => ({ ...vote, round }));",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "S1 removed in core, journal and resumption: a second vote in a round",
    patches: [
      { file: `${CORE}/step.ts`, from: "    if (sentInRound.has(message.kind)) return;\n", to: "" },
      {
        file: `${CORE}/ownVote.ts`,
        from: "const same = kept.find((one) => isSamePlace(one.message, vote));",
        to: "const same = kept.find((one) => isSamePlace(one.message, vote) && one.message.height < 0);",
      },
      {
        file: `${CORE}/resume.ts`,
        from: "proposal: preparedProposal(config, round, inRound),",
        to: "proposal: preparedProposal(config, round, inRound.slice(0, 0)),",
      },
      {
        file: `${CORE}/roundChange.ts`,
        from: '!isInOffice(step) || step.state.sentInRound.has("proposal")',
        to: "!isInOffice(step)",
      },
    ],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "S2 removed: back to a round that was left",
    patches: [
      {
        file: `${CORE}/roundChange.ts`,
        from: "target !== undefined && target > round",
        to: "target !== undefined && target > 0 && target !== round",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "S3 removed: any proposal of the DSO is followed",
    patches: [
      {
        file: `${CORE}/proposal.ts`,
        from: 'return judgeProposal(proposal, config.voters).kind === "accept" ? null : "UNJUSTIFIED_PROPOSAL";',
        to: "void judgeProposal; return null;",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "S4 removed: COMMIT on one PREPARE too few",
    patches: [
      {
        file: `${CORE}/decision.ts`,
        from: "prepares.length < quorum(config.voters.length)",
        to: "prepares.length < quorum(config.voters.length) - 1",
      },
      {
        file: `${CORE}/certificate.ts`,
        from: "  if (known.length < needed)\n",
        to: "  if (known.length < needed - 1)\n",
      },
    ],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "a prepared block is not claimed in ROUND_CHANGEs",
    patches: [{ file: `${CORE}/decision.ts`, from: "  update(step, { prepared });\n", to: "" }],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "the lowest prepared block is proposed again",
    patches: [
      {
        file: `${CORE}/justification.ts`,
        from: "signer.preparedRound > (highest.preparedRound ?? -1)",
        to: "signer.preparedRound < (highest.preparedRound ?? -1)",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "a certificate may be one signer short",
    patches: [
      {
        file: `${CORE}/certificate.ts`,
        from: "distinct.size >= needed ?",
        to: "distinct.size >= needed - 1 ?",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "jump to the f-th highest round",
    patches: [
      {
        file: `${CORE}/roundChange.ts`,
        from: "descending[maxFaulty(config.voters.length)]",
        to: "descending[maxFaulty(config.voters.length) - 1]",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
  {
    name: "an invalid block is prepared all the same",
    patches: [
      {
        file: `${CORE}/proposal.ts`,
        from: '      enterRound(step, roundOf(round + 1), "invalid-proposal", judged.reason);',
        to: '      update(step, { proposal: { ...proposal, judgement: "valid" } }); prepare(step, proposal.blockHash);',
      },
    ],
    hunts: [{ mode: "liar", members: 4 }],
  },
  {
    name: "a term never ends",
    patches: [
      {
        file: `${CORE}/candidates.ts`,
        from: "office.blocksInTerm >= seating.termMax ||",
        to: "office.blocksInTerm > seating.termMax ||",
      },
    ],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "a recall begins no new term",
    patches: [
      {
        file: `${CORE}/mandate.ts`,
        from: 'if (round > 0) return { dso, term: nextTerm, kind: "recall" };',
        to: 'if (round > 0) return { dso, term: office?.term ?? nextTerm, kind: "recall" };',
      },
    ],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "candidates stand in the order of the roster",
    patches: [{ file: `${CORE}/candidates.ts`, from: "(left.draw < right.draw ? -1 : 1)", to: "0" }],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "the own PREPARE counts twice",
    patches: [
      {
        file: `${CORE}/decision.ts`,
        from: "prepares.length < quorum(config.voters.length)",
        to: "prepares.length + prepares.filter((vote) => vote.voter === config.self).length < quorum(config.voters.length)",
      },
      {
        file: `${CORE}/certificate.ts`,
        from: "  if (known.length < needed)\n",
        to: "  if (known.length < needed - 1)\n",
      },
    ],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "the own COMMIT counts twice",
    patches: [
      {
        file: `${CORE}/decision.ts`,
        from: "if (certificate !== null || commits.length < quorum(config.voters.length)) return;",
        to: "if (certificate !== null || commits.length + commits.filter((vote) => vote.voter === config.self).length < quorum(config.voters.length)) return;",
      },
      {
        file: `${CORE}/certificate.ts`,
        from: "  if (known.length < needed)\n",
        to: "  if (known.length < needed - 1)\n",
      },
    ],
    hunts: THREE_OR_FOUR,
  },
  {
    name: "ROUND_CHANGEs for lower rounds count, too",
    patches: [
      {
        file: `${CORE}/voteKeeper.ts`,
        from: "return record.highestRoundChange?.round === round ? [record.highestRoundChange] : [];",
        to: "return record.highestRoundChange !== null ? [record.highestRoundChange] : [];",
      },
    ],
    hunts: FOUR_OR_SEVEN,
  },
];
