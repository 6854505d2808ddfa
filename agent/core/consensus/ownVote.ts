/**
 * What a gateway keeps of its own votes, and what these allow it to sign next. A vote is asked from the kept ones
 * first: the same again is answered with what was signed then, anything that contradicts it is refused.
 *
 * @source docs/protocol.md, "Own votes"
 */
import type { Height } from "../units.ts";
import { itemsOf } from "./item.ts";
import { digestOf, type Message, type PreparedCertificate, type UnsignedMessage } from "./message.ts";
import { ROUNDS_KEPT } from "./voteKeeper.ts";

/** What a COMMIT rests on; one write with it. */
export type CommitBasis = {
  readonly body: Uint8Array;
  readonly prepared: PreparedCertificate;
  /** The items that the COMMIT says are held: after a power cut they must still be there to be served. */
  readonly items: readonly Uint8Array[];
};

/** Items that a COMMIT says are held. */
export type HeldWithCommit = { readonly height: Height; readonly items: readonly Uint8Array[] };

/** One vote of this gateway as it was signed. */
export type OwnVote = {
  /** A proposal of a round that was left may lack its body. */
  readonly message: Message;
  /** Of a COMMIT alone; null also there once a later round has prepared a block. */
  readonly basis: CommitBasis | null;
};

/**
 * Codes a vote is refused with before it is signed: another one was signed for this place; a higher height was voted
 * at; a ROUND_CHANGE has left this round; a COMMIT that does not rest on its own PREPAREs and body.
 */
export type OwnVoteRefusal = "VOTE_CONTRADICTS" | "VOTE_HEIGHT_LEFT" | "VOTE_ROUND_LEFT" | "VOTE_UNPROVEN";

/** What the kept votes say to one that is to be signed. */
export type OwnVoteAnswer =
  | { readonly kind: "new" }
  | { readonly kind: "stored"; readonly vote: OwnVote }
  | { readonly kind: "refused"; readonly code: OwnVoteRefusal };

/**
 * S1 and S2 across restarts, and the durable half of S4.
 *
 * @param kept own votes of the last height voted at, as {@link keepOwnVote} keeps them
 * @param vote to be signed
 * @param basis of a COMMIT, else null
 * @returns `new` to sign and keep it, `stored` with the same vote signed before, or why it must not be signed
 */
export function judgeOwnVote(
  kept: readonly OwnVote[],
  vote: UnsignedMessage,
  basis: CommitBasis | null,
): OwnVoteAnswer {
  const same = kept.find((one) => isSamePlace(one.message, vote));
  if (same !== undefined) {
    const isRepeated = digestOf(same.message) === digestOf(vote);
    return isRepeated ? { kind: "stored", vote: same } : { kind: "refused", code: "VOTE_CONTRADICTS" };
  }
  const last = kept.at(-1)?.message;
  if (last !== undefined && vote.height < last.height) return { kind: "refused", code: "VOTE_HEIGHT_LEFT" };
  if (last?.height === vote.height && vote.round < highestRound(kept))
    return { kind: "refused", code: "VOTE_ROUND_LEFT" };
  if (vote.kind === "commit" && !isProven(vote, basis)) return { kind: "refused", code: "VOTE_UNPROVEN" };
  return { kind: "new" };
}

/**
 * Adds a vote that {@link judgeOwnVote} called new. Votes of lower heights go; of the height stay the votes of its
 * highest rounds and the last COMMIT with what it rests on, so that a height that takes many rounds stays bounded.
 *
 * @param kept own votes of one height
 * @param vote signed
 * @returns what is kept from now on, in the order signed
 */
export function keepOwnVote(kept: readonly OwnVote[], vote: OwnVote): readonly OwnVote[] {
  const ofHeight = [...kept.filter((one) => one.message.height === vote.message.height), vote];
  const highest = highestRound(ofHeight);
  const proven = ofHeight.findLast((one) => one.basis !== null);
  return ofHeight
    .filter((one) => one === proven || one.message.round > highest - ROUNDS_KEPT)
    .map((one) => withoutDispensable(one, highest, one === proven));
}

/**
 * Items outlast the COMMIT that says they are held by one height: the next block may owe them, and after a power cut
 * in the whole street they are nowhere else.
 *
 * @param held with the last COMMIT that had any
 * @param vote signed after it
 * @returns what is held from now on
 */
export function keepHeld(held: HeldWithCommit | null, { message, basis }: OwnVote): HeldWithCommit | null {
  if (message.kind === "commit" && basis !== null && basis.items.length > 0)
    return { height: message.height, items: basis.items };
  return held !== null && message.height <= held.height + 1 ? held : null;
}

/**
 * Whether a vote under this gateway's key was signed by someone else, or by this gateway in a life it has forgotten.
 *
 * @param kept own votes of the last height voted at
 * @param message whose signature by the own key holds, of a height that is not committed here
 * @returns false also for a round so low that its votes are no longer kept: nobody can tell
 */
export function isForeignVote(kept: readonly OwnVote[], message: Message): boolean {
  const last = kept.at(-1)?.message;
  if (last === undefined || message.height > last.height) return true;
  if (message.height < last.height || message.round <= highestRound(kept) - ROUNDS_KEPT) return false;
  const own = kept.find((one) => isSamePlace(one.message, message));
  return own === undefined || digestOf(own.message) !== digestOf(message);
}

/** @param votes of one height @returns their highest round, 0 for none */
export function highestRound(votes: readonly OwnVote[]): number {
  return votes.reduce((highest, { message }) => Math.max(highest, message.round), 0);
}

function isSamePlace(one: Message, other: Message | UnsignedMessage): boolean {
  return one.kind === other.kind && one.height === other.height && one.round === other.round;
}

function isProven(vote: Extract<UnsignedMessage, { kind: "commit" }>, basis: CommitBasis | null): boolean {
  if (basis === null) return false;
  const { height, round, blockHash } = basis.prepared;
  const isItsOwn = height === vote.height && round === vote.round && blockHash === vote.blockHash;
  return isItsOwn && basis.items.length === itemsOf(vote.held).length;
}

/** Bodies are the bulk of what is kept: only the last prepared block's and the current round's are needed. */
function withoutDispensable(vote: OwnVote, highest: number, isProven: boolean): OwnVote {
  const { message } = vote;
  if (message.kind === "proposal" && message.round < highest && message.body !== null)
    return { message: { ...message, body: null }, basis: null };
  return isProven || vote.basis === null ? vote : { message, basis: null };
}
