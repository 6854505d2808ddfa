/**
 * Where an epoch ends, the chain must be the one that the recovery names: head, state and roster. A block that the
 * recovery adopts ends it on the word of the GridAdmin, with the PREPAREs of a quorum in the place of its COMMITs.
 *
 * @source docs/adr/0026
 */
import { equalBytes } from "../../bytes.ts";
import { decode, encode } from "../../codec.ts";
import { verifyPreparedCertificate } from "../../consensus/certificate.ts";
import { MAX_CERTIFICATE_BYTES, preparedCertificateDecoder } from "../../consensus/certificateCodec.ts";
import type { MemberId } from "../../membership/address.ts";
import { baseOf, type RecoveryBody } from "../../membership/epoch.ts";
import { cborRosterDelta, type RosterDelta, withChange } from "../../membership/rosterDelta.ts";
import { accept, type Refusal, reject, type Verdict } from "../../verdict.ts";
import { type BlockRefusal, judgeCertificate } from "../blocks/judgeBlock.ts";
import { contextAt, type LedgerContext, settledRoster } from "../state/context.ts";
import { type LedgerState, stateRoot } from "../state/state.ts";

/** Codes the end of an epoch is refused with. */
export type EpochRefusal = "RECOVERED_OTHERWISE";

/**
 * @param state after the last block of an epoch
 * @param lost members that the GridAdmin declares lost
 * @returns the roster of the next epoch: every change on its way is made, the lost are members no more
 */
export function rosterAfterRecovery(state: LedgerState, lost: readonly MemberId[]): RosterDelta {
  const settled = settledRoster(state);
  const leaving = lost.filter((member) => !settled.removed.includes(member));
  return leaving.reduce((delta, member) => withChange(delta, { kind: "revoke", member }), settled);
}

/**
 * Judges a block's state against every recovery that says something of its height.
 *
 * @param context of the chain
 * @param state after the block
 * @returns the state, or `RECOVERED_OTHERWISE` with what differs
 */
export function judgeEpochEnd(
  context: LedgerContext,
  state: LedgerState,
): Verdict<LedgerState, EpochRefusal> {
  for (const { recovery } of context.epochs) {
    if (recovery === null) continue;
    const difference = differenceFrom(recovery, state);
    if (difference !== null) return reject("RECOVERED_OTHERWISE", difference);
  }
  return accept(state);
}

/**
 * Judges what decided a block: a quorum's COMMITs, or its PREPAREs where a recovery adopts the block.
 *
 * @param context of the chain
 * @param state after the block
 * @param encoded its certificate
 * @returns how many signatures it holds, or why it is refused
 */
export function judgeDecided(
  context: LedgerContext,
  state: LedgerState,
  encoded: Uint8Array,
): Verdict<number, BlockRefusal> {
  const decided = judgeCertificate(context, state, encoded);
  if (decided.kind === "accept") return accept(decided.value.signers.length);
  return judgeAdopted(context, state, encoded, decided);
}

function judgeAdopted(
  context: LedgerContext,
  state: LedgerState,
  encoded: Uint8Array,
  refusal: Refusal<BlockRefusal>,
): Verdict<number, BlockRefusal> {
  const isAdopted = context.epochs.some(
    ({ recovery }) => recovery?.prepared?.hash === state.head && baseOf(recovery).height === state.height,
  );
  if (!isAdopted) return refusal;
  const { voters } = contextAt(context, state, state.height);
  const decoder = preparedCertificateDecoder(state.height, voters.voters);
  const decoded = decode(encoded, decoder, MAX_CERTIFICATE_BYTES);
  if (decoded.kind !== "accept" || decoded.value.blockHash !== state.head) return refusal;
  const verified = verifyPreparedCertificate(decoded.value, voters);
  return verified.kind === "accept" ? accept(decoded.value.signers.length) : refusal;
}

function differenceFrom(recovery: RecoveryBody, state: LedgerState): string | null {
  const { head, lost, roster } = recovery;
  if (state.height === head.height) {
    if (state.head !== head.hash) return `height ${state.height}: head`;
    if (stateRoot(state) !== head.stateRoot) return `height ${state.height}: state`;
  }
  const base = baseOf(recovery);
  if (state.height !== base.height) return null;
  if (state.head !== base.hash) return `height ${state.height}: adopted block`;
  const computed = encode(cborRosterDelta(rosterAfterRecovery(state, lost)));
  return equalBytes(computed, encode(cborRosterDelta(roster))) ? null : `height ${state.height}: roster`;
}
