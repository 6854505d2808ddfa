/**
 * Leaving a round and taking office in the next: timers, recall, mandate.
 *
 * @source docs/protocol.md, "Flow of one height", steps 5 and 6
 */
import type { Hash } from "../hash.ts";
import type { Round } from "../units.ts";
import { round as roundOf } from "../units.ts";
import { dsoOf, type VoterId } from "./candidates.ts";
import { type InstanceState, NEW_ROUND, type RecallReason } from "./instanceState.ts";
import type { Item, ItemList } from "./item.ts";
import { buildJustification } from "./justification.ts";
import type { Justification, RoundChange } from "./message.ts";
import { maxFaulty, quorum } from "./quorum.ts";
import { bodyOrAsk, emit, isInOffice, type Step, sendVote, update } from "./step.ts";
import { roundChangesFor } from "./voteKeeper.ts";

/**
 * Round 0 begins: its timer always runs, and its DSO builds.
 *
 * @param step to change
 * @param named what this gateway held at the cut-off
 */
export function onBegin(step: Step, named: ItemList): void {
  if (step.state.hasBegun) return;
  update(step, { hasBegun: true, named });
  if (step.state.round > 0 || !step.state.config.isVoter) return;
  update(step, { isTimerSet: true });
  emit(step, { kind: "set-timer", round: step.state.round });
  if (!isInOffice(step) || step.state.sentInRound.has("proposal")) return;
  update(step, { building: { justification: null } });
  emit(step, { kind: "build", round: step.state.round, justification: null });
}

/** Step 5, first cause: the DSO of the round was silent. @param step to change @param round whose timer ran out */
export function onTimeout(step: Step, round: Round): void {
  if (round !== step.state.round || !step.state.isTimerSet) return;
  enterRound(step, roundOf(round + 1), "timeout");
}

/** Step 5, second cause, and step 6: a ROUND_CHANGE that was just kept. @param step to change @param vote kept */
export function onRoundChange(step: Step, vote: RoundChange): void {
  noteRound(step, [vote.voter], vote.round);
  followOthers(step);
  tryTimer(step);
  tryTakeOffice(step);
}

/** @param step to change @param voters that were seen to have entered @param round that round */
export function noteRound(step: Step, voters: readonly VoterId[], round: Round): void {
  const roundOfVoter = new Map(step.state.roundOfVoter);
  for (const voter of voters) {
    if ((roundOfVoter.get(voter) ?? 0) < round) roundOfVoter.set(voter, round);
  }
  update(step, { roundOfVoter });
}

/**
 * Enters a higher round and tells so: "I recall that DSO and mandate this one".
 *
 * @param step to change
 * @param toRound higher than the current one
 * @param reason why the current one is left
 * @param detail of the reason, short
 */
export function enterRound(step: Step, toRound: Round, reason: RecallReason, detail?: string): void {
  const { config, round: fromRound, isTimerSet, prepared, named } = step.state;
  const candidate = dsoOf(config.candidates, toRound);
  if (isTimerSet) emit(step, { kind: "cancel-timer" });
  update(step, {
    ...NEW_ROUND,
    round: toRound,
    bodiesWanted: stillWanted(step.state),
  });
  const why = detail === undefined ? { reason } : { reason, detail };
  emit(step, { kind: "recall", fromRound, toRound, candidate, ...why });
  sendVote(step, {
    kind: "round-change",
    height: config.height,
    round: toRound,
    candidate,
    preparedRound: prepared?.round ?? null,
    preparedHash: prepared?.blockHash ?? null,
    named,
    voter: config.self,
    prepared,
  });
  tryTimer(step);
  tryTakeOffice(step);
}

/** A block that a quorum has committed is wanted whatever the round. */
function stillWanted({ certificate, bodiesWanted }: InstanceState): ReadonlySet<Hash> {
  return new Set([...bodiesWanted].filter((blockHash) => blockHash === certificate?.blockHash));
}

/**
 * Starts the timer of a round above 0 only once a quorum, this gateway included, is known to be in it or further:
 * before that, the DSO cannot act and a running timer would only drive the rounds apart.
 *
 * @param step to change
 */
export function tryTimer(step: Step): void {
  const { config, round, isTimerSet, roundOfVoter } = step.state;
  if (!config.isVoter || isTimerSet || round === 0) return;
  if ((roundOfVoter.get(config.self) ?? 0) < round) return;
  const arrived = [...roundOfVoter.values()].filter((voterRound) => voterRound >= round).length;
  if (arrived < quorum(config.voters.length)) return;
  update(step, { isTimerSet: true });
  emit(step, { kind: "set-timer", round });
}

/**
 * Step 6: on a quorum's ROUND_CHANGEs the new DSO proposes the highest prepared block among them again, unchanged,
 * and only if there is none a block of its own.
 *
 * @param step to change
 */
export function tryTakeOffice(step: Step): void {
  const { round, building, lacked } = step.state;
  if (round === 0 || !isInOffice(step)) return;
  if (building === null || lacked.length > 0) takeMandate(step);
  proposeAgain(step);
}

/** Takes up the mandate that the ROUND_CHANGEs so far give, in place of one that owes what is not at hand. */
function takeMandate(step: Step): void {
  const { config, round, building, lacked, keeper, sentInRound } = step.state;
  const roundChanges = roundChangesFor(keeper, round);
  if (sentInRound.has("proposal") || roundChanges.length < quorum(config.voters.length)) return;
  const justification = buildJustification(roundChanges, config.voters, lacked);
  if (building !== null && isSameMandate(building.justification, justification)) return;
  update(step, { building: { justification } });
  if (justification.prepared === null) emit(step, { kind: "build", round, justification });
}

/**
 * The block that is to be built owes items that are not at hand: other ROUND_CHANGEs are taken, now or as they come,
 * since whoever says to hold an item may be gone.
 *
 * @param step to change
 * @param round that they are lacking in; another is passed over
 * @param items that are lacking
 */
export function onLacking(step: Step, round: Round, items: readonly Item[]): void {
  if (round !== step.state.round || step.state.building?.justification?.prepared !== null) return;
  const { lacked } = step.state;
  const isKnown = ({ kind, position, signer }: Item) =>
    lacked.some((one) => one.kind === kind && one.position === position && one.signer === signer);
  const more = items.filter((item) => !isKnown(item));
  // What was lacking once stays so in this round: else two mandates that lack different items take turns for ever.
  if (more.length === 0) return;
  update(step, { lacked: [...lacked, ...more] });
  tryTakeOffice(step);
}

function isSameMandate(before: Justification | null, after: Justification): boolean {
  const signersOf = (one: Justification | null) =>
    (one?.roundChanges.signers ?? []).map(({ voter }) => voter).join(" ");
  return signersOf(before) === signersOf(after);
}

function proposeAgain(step: Step): void {
  const { config, round, building } = step.state;
  const justification = building?.justification;
  if (!justification?.prepared) return;
  const { blockHash } = justification.prepared;
  const body = bodyOrAsk(step, blockHash);
  if (body === undefined) return;
  update(step, { building: null });
  const { height, self: proposer } = config;
  sendVote(step, { kind: "proposal", height, round, blockHash, proposer, body, justification });
}

/** Follows f + 1 voters that are further on, as far as the (f + 1)-th highest: one of them is honest. */
function followOthers(step: Step): void {
  const { config, round, roundOfVoter } = step.state;
  const descending = [...roundOfVoter.values()].sort((left, right) => right - left);
  const target = descending[maxFaulty(config.voters.length)];
  if (target !== undefined && target > round) enterRound(step, target, "jump");
}
