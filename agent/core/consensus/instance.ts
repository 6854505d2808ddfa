/**
 * Agreement on one block: a pure state machine. Inputs are messages, timers and answers; outputs are data that the
 * service performs in order. It orders opaque hashes and knows nothing of what is in a block.
 *
 * Rules of an honest voter, each named where it is kept: S1 and S2 in `step.ts` (`sendVote`), S3 in `proposal.ts`
 * (`refusalOfProposal`), S4 in `decision.ts` (`tryCommit`). S5, to vote at a height only with the one below committed
 * durably, is kept by whoever starts instances.
 *
 * @source EEA QBFT v1; docs/protocol.md, "Flow of one height"
 */
import type { Hash } from "../hash.ts";
import { round } from "../units.ts";
import { dsoOf } from "./candidates.ts";
import { isPreparedClaim } from "./certificate.ts";
import { onCommit, tryCommit, tryDecide } from "./decision.ts";
import {
  type InstanceConfig,
  type InstanceInput,
  type InstanceOutput,
  type InstanceState,
  type MessageRefusal,
  NEW_ROUND,
} from "./instanceState.ts";
import { NO_ITEMS } from "./item.ts";
import { judgePrepared } from "./justification.ts";
import { type Message, senderOf } from "./message.ts";
import { askJudgement, onBuilt, onJudged, onProposal, refusalOfProposal } from "./proposal.ts";
import { onBegin, onLacking, onRoundChange, onTimeout, tryTakeOffice } from "./roundChange.ts";
import { emit, rememberBody, type Step, update } from "./step.ts";
import { emptyKeeper, type KeptVote, keepVote } from "./voteKeeper.ts";

/**
 * Starts the agreement of one height. S5: only with the height below committed durably.
 *
 * @param config fixed facts of the height
 * @returns its first state: round 0, not begun
 */
export function startInstance(config: InstanceConfig): InstanceState {
  return {
    config,
    hasBegun: false,
    named: NO_ITEMS,
    round: round(0),
    ...NEW_ROUND,
    prepared: null,
    keeper: emptyKeeper(config.height, config.voters),
    roundOfVoter: new Map(),
    bodies: new Map(),
    bodiesWanted: new Set(),
    certificate: null,
    isDecided: false,
  };
}

/** @param state of a voter @returns the same of an observer: it sends nothing more, but follows and decides */
export function withoutVote(state: InstanceState): InstanceState {
  return { ...state, config: { ...state.config, isVoter: false }, isTimerSet: false, building: null };
}

/**
 * Applies one input.
 *
 * @param state as the last application returned it; stays as it is
 * @param input verified as {@link InstanceInput} asks
 * @returns the new state, and what to perform, in order
 */
export function apply(
  state: InstanceState,
  input: InstanceInput,
): { readonly state: InstanceState; readonly outputs: readonly InstanceOutput[] } {
  const step: Step = { state, outputs: [] };
  perform(step, input);
  return { state: step.state, outputs: step.outputs };
}

function perform(step: Step, input: InstanceInput): void {
  if (step.state.isDecided && input.kind !== "message") return;
  switch (input.kind) {
    case "message":
      onMessage(step, input.message);
      break;
    case "begin":
      onBegin(step, input.named ?? NO_ITEMS);
      askJudgement(step);
      break;
    case "built":
      onBuilt(step, input);
      break;
    case "judged":
      onJudged(step, input);
      break;
    case "lacking":
      onLacking(step, input.round, input.items);
      break;
    case "timeout":
      onTimeout(step, input.round);
      break;
    case "body":
      onBody(step, input.blockHash, input.body);
      break;
    default:
      input satisfies never;
  }
}

function onMessage(step: Step, message: Message): void {
  const refusal = refusalOf(step.state.config, message);
  if (refusal !== null) {
    refuse(step, refusal, message);
    return;
  }
  if (!keep(step, message) || step.state.isDecided) return;
  switch (message.kind) {
    case "proposal":
      onKeptProposal(step, message);
      break;
    case "prepare":
      tryCommit(step);
      break;
    case "commit":
      onCommit(step, message.round, message.blockHash);
      break;
    case "round-change":
      onRoundChange(step, message);
      break;
    default:
      message satisfies never;
  }
}

function onKeptProposal(step: Step, proposal: Extract<Message, { kind: "proposal" }>): void {
  const { blockHash, body } = proposal;
  const isNewBody = body !== null && !step.state.bodies.has(blockHash);
  if (isNewBody) rememberBody(step, blockHash, body);
  tryDecide(step);
  if (step.state.isDecided) return;
  onProposal(step, proposal);
  // Also one of a round that was left brings the body of a block that is proposed again.
  if (isNewBody) goOnWithBody(step);
}

function onBody(step: Step, blockHash: Hash, body: Uint8Array): void {
  if (!step.state.bodiesWanted.has(blockHash)) return;
  rememberBody(step, blockHash, body);
  tryDecide(step);
  if (!step.state.isDecided) goOnWithBody(step);
}

/** What may have lacked no more than a body: a judgement, the COMMIT of a resumed gateway, a block to be proposed again. */
function goOnWithBody(step: Step): void {
  askJudgement(step);
  tryCommit(step);
  tryTakeOffice(step);
}

/** What stands against a message before it is kept; signatures hold already. */
function refusalOf(config: InstanceConfig, message: Message): MessageRefusal | null {
  if (message.height !== config.height) return "WRONG_HEIGHT";
  if (!config.voters.includes(senderOf(message))) return "UNKNOWN_VOTER";
  if (message.kind === "proposal") return refusalOfProposal(config, message);
  if (message.kind === "round-change") {
    if (message.round === 0 || !isPreparedClaim(message, message.round)) return "BAD_ROUND_CHANGE";
    if (message.candidate !== dsoOf(config.candidates, message.round)) return "WRONG_CANDIDATE";
    const claim = judgePrepared(message, message.height, message.prepared);
    return claim.kind === "accept" ? null : "BAD_ROUND_CHANGE";
  }
  return null;
}

/** Keeps the signed part. @returns false when the message changes nothing more */
function keep(step: Step, message: Message): boolean {
  const { keeper, outcome } = keepVote(step.state.keeper, keptPartOf(message));
  update(step, { keeper });
  switch (outcome.kind) {
    case "kept":
      return true;
    case "duplicate":
      return message.kind === "proposal";
    case "equivocation":
      emit(step, outcome);
      return false;
    case "refused":
      refuse(step, outcome.code, message);
      return false;
    default:
      return outcome satisfies never;
  }
}

function keptPartOf(message: Message): KeptVote {
  if (message.kind !== "proposal") return message;
  const { body: _body, justification: _justification, ...header } = message;
  return header;
}

function refuse(step: Step, code: MessageRefusal, message: Message): void {
  emit(step, { kind: "refused", code, from: senderOf(message) });
}
