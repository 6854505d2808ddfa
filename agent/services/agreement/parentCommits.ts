/**
 * COMMITs of the block that was decided last, also those that came after: from them a DSO picks the certificate that
 * its block embeds.
 */
import type { VoterId } from "../../core/consensus/candidates.ts";
import { chooseCommitCertificate } from "../../core/consensus/certificate.ts";
import type { Item } from "../../core/consensus/item.ts";
import type { Commit, CommitCertificate } from "../../core/consensus/message.ts";
import { commitsOfBlock, keepVote, type VoteKeeper } from "../../core/consensus/voteKeeper.ts";
import type { Hash } from "../../core/hash.ts";

/** COMMITs of the head. */
export type ParentCommits = {
  /** The block was decided with these votes. */
  readonly decided: (blockHash: Hash, keeper: VoteKeeper) => void;
  /** @param commit verified, that came when the next height had begun */
  readonly late: (commit: Commit) => void;
  /**
   * @param head block that is to be certified
   * @param voters of its height
   * @param lacked items that are not at hand: voters that say they hold one come last
   * @returns a certificate, or null when this gateway has not decided that block itself
   */
  readonly choose: (
    head: Hash,
    voters: readonly VoterId[],
    lacked: readonly Item[],
  ) => CommitCertificate | null;
};

/** @returns no COMMITs yet; as many are kept as of a height in progress */
export function parentCommits(): ParentCommits {
  let last: { readonly blockHash: Hash; readonly keeper: VoteKeeper } | null = null;
  return {
    decided: (blockHash, keeper) => {
      last = { blockHash, keeper };
    },
    late: (commit) => {
      if (last?.blockHash === commit.blockHash)
        last = { ...last, keeper: keepVote(last.keeper, commit).keeper };
    },
    choose: (head, voters, lacked) =>
      last?.blockHash === head
        ? chooseCommitCertificate(commitsOfBlock(last.keeper, head), voters, lacked)
        : null,
  };
}
