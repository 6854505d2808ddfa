/**
 * What a gateway does with a proposal: is its sender in office, is it justified, is its block right.
 * Also the DSO's own: turning a built block into a proposal.
 *
 * @source docs/protocol.md, "Flow of one height", steps 1 and 2
 */
import type { Hash } from "../hash.ts";
import { round as roundOf } from "../units.ts";
import { dsoOf } from "./candidates.ts";
import { tryCommit } from "./decision.ts";
import type { InstanceConfig, InstanceInput } from "./instanceState.ts";
import { NO_HOLDING } from "./item.ts";
import { judgeProposal } from "./justification.ts";
import type { Proposal } from "./message.ts";
import { enterRound, noteRound, tryTimer } from "./roundChange.ts";
import { bodyOrAsk, emit, type Step, sendVote, update } from "./step.ts";

/** Step 1: the DSO's block is built. @param step to change @param built answer to `build`; a late one is passed over */
export function onBuilt(step: Step, built: Extract<InstanceInput, { kind: "built" }>): void {
  const { config, round, building } = step.state;
  if (building === null || built.round !== round || building.justification?.prepared) return;
  const { blockHash, body, holding = NO_HOLDING } = built;
  update(step, { building: null, ownBlock: { blockHash, holding } });
  sendVote(step, {
    kind: "proposal",
    height: config.height,
    round,
    blockHash,
    proposer: config.self,
    body,
    justification: building.justification,
  });
}

/**
 * What stands against a proposal before it is kept. S3 is decided here: without a valid justification it never
 * becomes a round's proposal, and nothing else is ever prepared.
 *
 * @param config of the height
 * @param proposal with its signatures verified
 * @returns a code, or null for a justified proposal of who is in office
 */
export function refusalOfProposal(
  config: InstanceConfig,
  proposal: Proposal,
): "NOT_IN_OFFICE" | "UNJUSTIFIED_PROPOSAL" | null {
  if (proposal.proposer !== dsoOf(config.candidates, proposal.round)) return "NOT_IN_OFFICE";
  return judgeProposal(proposal, config.voters).kind === "accept" ? null : "UNJUSTIFIED_PROPOSAL";
}

/** Step 2: a proposal that nothing stands against and that was just kept. @param step to change @param proposal of any round */
export function onProposal(step: Step, proposal: Proposal): void {
  const { blockHash, proposer, round, justification } = proposal;
  if (round < step.state.round) return;
  if (round > step.state.round) enterRound(step, round, "jump");
  if (justification !== null) {
    const entered = justification.roundChanges.signers.map((signer) => signer.voter);
    noteRound(step, entered, round);
    tryTimer(step);
  }
  if (step.state.proposal !== null) return;
  const isFresh = justification === null || justification.prepared === null;
  const { ownBlock } = step.state;
  const isOwn = isFresh && blockHash === ownBlock?.blockHash;
  const judgement = isOwn ? "valid" : "unasked";
  const holding = isOwn ? ownBlock.holding : NO_HOLDING;
  update(step, { proposal: { blockHash, proposer, isFresh, justification, judgement, holding } });
  if (isOwn) prepare(step, blockHash);
  else askJudgement(step);
}

/** Step 2: the block was recomputed. @param step to change @param judged answer to `judge`; a late one is passed over */
export function onJudged(step: Step, judged: Extract<InstanceInput, { kind: "judged" }>): void {
  const { proposal, round } = step.state;
  if (proposal === null || judged.round !== round || judged.blockHash !== proposal.blockHash) return;
  if (proposal.judgement !== "asked" && proposal.judgement !== "early") return;
  const holding = judged.holding ?? proposal.holding;
  update(step, { proposal: { ...proposal, judgement: judged.verdict, holding } });
  switch (judged.verdict) {
    case "valid":
      prepare(step, proposal.blockHash);
      break;
    case "invalid":
      enterRound(step, roundOf(round + 1), "invalid-proposal", judged.reason);
      break;
    case "early":
      break;
    default:
      judged.verdict satisfies never;
  }
}

/** Asks for a judgement of the round's proposal once its body is there. @param step to change */
export function askJudgement(step: Step): void {
  const { config, proposal, round } = step.state;
  if (!config.isVoter || proposal === null) return;
  if (proposal.judgement !== "unasked" && proposal.judgement !== "early") return;
  const { blockHash, proposer, isFresh: fresh, justification } = proposal;
  const body = bodyOrAsk(step, blockHash);
  if (body === undefined) return;
  update(step, { proposal: { ...proposal, judgement: "asked" } });
  emit(step, { kind: "judge", round, blockHash, body, proposer, fresh, justification });
}

function prepare(step: Step, blockHash: Hash): void {
  const { config, round } = step.state;
  sendVote(step, { kind: "prepare", height: config.height, round, blockHash, voter: config.self });
  tryCommit(step);
}
