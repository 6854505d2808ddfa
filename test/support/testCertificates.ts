/** Certificates with real signatures, of whichever voters and claims a test wants. */
import { candidates, dsoOf } from "../../agent/core/consensus/candidates.ts";
import { type ItemList, NO_ITEMS } from "../../agent/core/consensus/item.ts";
import {
  type CommitCertificate,
  type RoundChangeCertificate,
  type RoundChangeSigner,
  signBytesOf,
} from "../../agent/core/consensus/message.ts";
import { quorum } from "../../agent/core/consensus/quorum.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { type LedgerContext, seatingOf } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { signMessage } from "../../agent/core/signature.ts";
import { type Height, round as roundOf } from "../../agent/core/units.ts";
import { secretKeyOf } from "./memoryStreet.ts";

/** Signers of a quorum, by roster order unless others are named. */
export function quorumOf(context: LedgerContext): readonly MemberId[] {
  const ids = context.voters.voters.map((voter) => voter.id as MemberId);
  return ids.slice(0, quorum(ids.length));
}

/** @param context of a microgrid @param height of a block @param blockHash its hash @param changes who signs, in which round */
export function commitCertificate(
  context: LedgerContext,
  height: Height,
  blockHash: Hash,
  changes: {
    readonly round?: number;
    readonly signers?: readonly MemberId[];
  } = {},
): CommitCertificate {
  const at = roundOf(changes.round ?? 0);
  const vote = { kind: "commit", height, round: at, blockHash, held: NO_ITEMS } as const;
  const signers = (changes.signers ?? quorumOf(context)).map((voter) => ({
    voter,
    held: NO_ITEMS,
    signature: signVote(context, voter, { ...vote, voter }),
  }));
  return { height, round: at, blockHash, signers };
}

/** @param context of a microgrid @param state after the head @param round of the recall @param changes who signs what */
export function recallOf(
  context: LedgerContext,
  state: LedgerState,
  round: number,
  changes: {
    readonly signers?: readonly MemberId[];
    readonly prepared?: { readonly round: number; readonly hash: Hash };
    readonly candidate?: MemberId;
  } = {},
): RoundChangeCertificate {
  const at = roundOf(round);
  const candidate = changes.candidate ?? dsoOf(candidates(seatingOf(context, state)), at);
  const height = (state.height + 1) as Height;
  const signers = (changes.signers ?? quorumOf(context)).map((voter): RoundChangeSigner => {
    const claim = {
      preparedRound: changes.prepared === undefined ? null : roundOf(changes.prepared.round),
      preparedHash: changes.prepared?.hash ?? null,
      named: NO_ITEMS,
    };
    const vote = { kind: "round-change", height, round: at, candidate, voter, ...claim } as const;
    return { voter, ...claim, signature: signVote(context, voter, vote) };
  });
  return { height, round: at, candidate, signers };
}

/** @returns COMMITs of those voters, each with a held list of its own */
export function signedCommits(
  context: LedgerContext,
  height: Height,
  blockHash: Hash,
  voters: readonly MemberId[],
  heldBy: (index: number) => ItemList,
): CommitCertificate {
  const round = roundOf(0);
  const signers = voters.map((voter, index) => {
    const held = heldBy(index);
    const vote = { kind: "commit", height, round, blockHash, held, voter } as const;
    return { voter, held, signature: signVote(context, voter, vote) };
  });
  return { height, round, blockHash, signers };
}

/** @returns ROUND_CHANGEs of those voters that prepared nothing, each with a list of its own */
export function signedRoundChanges(
  context: LedgerContext,
  state: LedgerState,
  atRound: number,
  voters: readonly MemberId[],
  namedBy: (index: number) => ItemList,
): RoundChangeCertificate {
  const round = roundOf(atRound);
  const candidate = dsoOf(candidates(seatingOf(context, state)), round);
  const height = (state.height + 1) as Height;
  const signers = voters.map((voter, index): RoundChangeSigner => {
    const claim = { preparedRound: null, preparedHash: null, named: namedBy(index) };
    const vote = { kind: "round-change", height, round, candidate, voter, ...claim } as const;
    return { voter, ...claim, signature: signVote(context, voter, vote) };
  });
  return { height, round, candidate, signers };
}

function signVote(
  context: LedgerContext,
  voter: MemberId,
  vote: Parameters<typeof signBytesOf>[0],
): Uint8Array {
  const name = context.roster.byId.get(voter)?.name ?? "stranger";
  return signMessage(secretKeyOf(name), signBytesOf(vote, context.roster.chainId, context.roster.epoch));
}
