/**
 * One application of an input while it runs: the state as changed so far and the outputs so far.
 * It lives inside `apply` only; what leaves is a new state and a list.
 */
import type { Hash } from "../hash.ts";
import { dsoOf } from "./candidates.ts";
import { ConsensusError } from "./consensusError.ts";
import type { InstanceOutput, InstanceState } from "./instanceState.ts";
import type { UnsignedMessage } from "./message.ts";
import type { CommitBasis } from "./ownVote.ts";

/** State and outputs of an input that is being applied. */
export type Step = { state: InstanceState; readonly outputs: InstanceOutput[] };

/** Bodies kept at a time: each belongs to a justified proposal, one per round. */
export const BODIES_KEPT = 8;

/** @param step to change @param changes fields with their new values */
export function update(step: Step, changes: Partial<InstanceState>): void {
  step.state = { ...step.state, ...changes };
}

/** @param step to change @param output to append */
export function emit(step: Step, output: InstanceOutput): void {
  step.outputs.push(output);
}

/**
 * Sends a vote of this gateway in its round; an observer sends nothing. The one place where votes leave.
 *
 * S1: at most one PROPOSAL, PREPARE and COMMIT per height and round.
 * S2: never in a round that a ROUND_CHANGE has left; the round never goes back, and entering it sent one.
 *
 * @param step to change
 * @param message in the current round
 * @param rest what a COMMIT rests on, to be made durable with it
 * @throws ConsensusError `CONSENSUS_OUT_OF_RANGE` for another round: a fault of this core
 */
export function sendVote(step: Step, message: UnsignedMessage, rest: CommitBasis | null = null): void {
  const { config, round, sentInRound } = step.state;
  if (!config.isVoter) return;
  if (message.round !== round)
    throw new ConsensusError("CONSENSUS_OUT_OF_RANGE", {
      kind: message.kind,
      round: message.round,
      current: round,
    });
  if (message.kind !== "round-change") {
    if (sentInRound.has(message.kind)) return;
    update(step, { sentInRound: new Set(sentInRound).add(message.kind) });
  }
  emit(step, { kind: "sign-and-send", message, rest });
}

/** @param step to read @returns true when this gateway votes and is DSO of its round */
export function isInOffice(step: Step): boolean {
  const { config, round } = step.state;
  return config.isVoter && dsoOf(config.candidates, round) === config.self;
}

/** @param step to change @param blockHash of the body @param body whose hash the caller has checked */
export function rememberBody(step: Step, blockHash: Hash, body: Uint8Array): void {
  const { state } = step;
  const bodiesWanted = new Set(state.bodiesWanted);
  bodiesWanted.delete(blockHash);
  const bodies = new Map(state.bodies).set(blockHash, state.bodies.get(blockHash) ?? body);
  const needed = [
    blockHash,
    state.proposal?.blockHash,
    state.prepared?.blockHash,
    state.certificate?.blockHash,
  ];
  const dispensable = [...bodies.keys()].find((kept) => !needed.includes(kept));
  if (bodies.size > BODIES_KEPT && dispensable !== undefined) bodies.delete(dispensable);
  update(step, { bodies, bodiesWanted });
}

/** @param step to change @param blockHash of a block that a quorum stands behind @returns its body, or undefined once it was asked for */
export function bodyOrAsk(step: Step, blockHash: Hash): Uint8Array | undefined {
  const { bodies, bodiesWanted } = step.state;
  const body = bodies.get(blockHash);
  if (body !== undefined || bodiesWanted.has(blockHash)) return body;
  update(step, { bodiesWanted: new Set(bodiesWanted).add(blockHash) });
  emit(step, { kind: "need-body", blockHash });
  return undefined;
}
