/**
 * Certificates: a quorum's votes for one thing, made and verified.
 * All votes of a certificate are of one height, one round and one block; each voter counts once.
 *
 * @source EEA QBFT v1 (prepared certificate, commit certificate); docs/protocol.md, "Certificates"
 */
import type { Hash } from "../hash.ts";
import type { Verify } from "../signature.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import type { VoterId } from "./candidates.ts";
import { ConsensusError } from "./consensusError.ts";
import { type Item, namesAny } from "./item.ts";
import {
  type Commit,
  type CommitCertificate,
  type CommitSigner,
  type Prepare,
  type PreparedCertificate,
  type PrepareSigner,
  type RoundChange,
  type RoundChangeCertificate,
  type RoundChangeSigner,
  signBytesOf,
  type Unsigned,
  type Vote,
} from "./message.ts";
import { quorum } from "./quorum.ts";

/** A voter and the key its votes are verified with. */
export type VoterKey = { readonly id: VoterId; readonly publicKey: Uint8Array };

/** What signatures of one height are verified against. */
export type VerifyContext = {
  /** The voters of the height, in roster order. */
  readonly voters: readonly VoterKey[];
  readonly chainId: Hash;
  readonly epoch: number;
  readonly verify: Verify;
};

/** Codes a certificate is refused with. */
export type CertificateRefusal =
  | "UNKNOWN_VOTER"
  | "TOO_FEW_VOTERS"
  | "BAD_SIGNATURE"
  | "ROUND_ZERO"
  | "BAD_PREPARED_CLAIM";

/**
 * @param prepares votes of one round for one block; duplicates do not count
 * @param voters of the height, in roster order
 * @returns the certificate of the first q of them
 * @throws ConsensusError `CONSENSUS_MIXED_VOTES`, `CONSENSUS_TOO_FEW_VOTES`
 */
export function buildPreparedCertificate(
  prepares: readonly Prepare[],
  voters: readonly VoterId[],
): PreparedCertificate {
  const first = checkedSame(prepares, (vote) => `${vote.height}/${vote.round}/${vote.blockHash}`);
  const signers = firstQuorum(prepares, voters).map(
    ({ voter, signature }): PrepareSigner => ({ voter, signature }),
  );
  return { height: first.height, round: first.round, blockHash: first.blockHash, signers };
}

/**
 * @param commits votes of one round for one block; duplicates do not count
 * @param voters of the height, in roster order
 * @returns the certificate of the first q of them
 * @throws ConsensusError `CONSENSUS_MIXED_VOTES`, `CONSENSUS_TOO_FEW_VOTES`
 */
export function buildCommitCertificate(
  commits: readonly Commit[],
  voters: readonly VoterId[],
): CommitCertificate {
  const first = checkedSame(commits, (vote) => `${vote.height}/${vote.round}/${vote.blockHash}`);
  const signers = firstQuorum(commits, voters).map(
    ({ voter, held, signature }): CommitSigner => ({ voter, held, signature }),
  );
  return { height: first.height, round: first.round, blockHash: first.blockHash, signers };
}

/**
 * Chooses the certificate of the parent that a block embeds. All of a round count, also those that came after the
 * decision: the window of q voters begins one place further with each height, so that every live voter appears.
 * Voters that say they hold what is not at hand come last, since the block would owe it.
 *
 * @param commits for one block of one height, of any rounds
 * @param voters of that height, in roster order
 * @param lacked items that are not at hand
 * @returns the certificate, of the round with the fewest such voters, then with the most COMMITs, then the lowest;
 *   null when no round has a quorum
 */
export function chooseCommitCertificate(
  commits: readonly Commit[],
  voters: readonly VoterId[],
  lacked: readonly Item[],
): CommitCertificate | null {
  const choices = [...new Set(commits.map((commit) => commit.round))]
    .sort((left, right) => left - right)
    .map((round) =>
      windowOf(
        commits.filter((commit) => commit.round === round),
        voters,
        lacked,
      ),
    )
    .filter((choice) => choice.window.length === quorum(voters.length))
    .sort((left, right) => left.lacking - right.lacking || right.count - left.count);
  const [best] = choices;
  return best === undefined ? null : buildCommitCertificate(best.window, voters);
}

/**
 * Prefers the ROUND_CHANGE with the highest prepared round, so that a block that may be decided is not passed over.
 *
 * @param roundChanges votes for one round and candidate; duplicates do not count
 * @param voters of the height, in roster order
 * @param lacked items that are not at hand: voters that name one come last, since the block would owe it
 * @returns the certificate of q of them, the highest prepared one included
 * @throws ConsensusError `CONSENSUS_MIXED_VOTES`, `CONSENSUS_TOO_FEW_VOTES`
 */
export function buildRoundChangeCertificate(
  roundChanges: readonly RoundChange[],
  voters: readonly VoterId[],
  lacked: readonly Item[] = [],
): RoundChangeCertificate {
  const first = checkedSame(roundChanges, (vote) => `${vote.height}/${vote.round}/${vote.candidate}`);
  const prepared = roundChanges
    .filter((vote) => vote.preparedRound !== null)
    .toSorted((left, right) => (right.preparedRound ?? 0) - (left.preparedRound ?? 0));
  const highest = prepared.slice(0, 1).map((vote) => vote.voter);
  const naming = new Set(
    roundChanges.filter(({ named }) => namesAny(named, lacked)).map(({ voter }) => voter),
  );
  const others = voters
    .filter((voter) => !highest.includes(voter))
    .toSorted((left, right) => Number(naming.has(left)) - Number(naming.has(right)));
  const chosen = new Set(firstQuorum(roundChanges, [...highest, ...others]).map((vote) => vote.voter));
  const signers = inRosterOrder(roundChanges, voters)
    .filter((vote) => chosen.has(vote.voter))
    .map(
      ({ voter, preparedRound, preparedHash, named, signature }): RoundChangeSigner => ({
        voter,
        preparedRound,
        preparedHash,
        named,
        signature,
      }),
    );
  return { height: first.height, round: first.round, candidate: first.candidate, signers };
}

/** @param certificate untrusted @param context voters, chain and verifier @returns the certificate, or why it proves nothing */
export function verifyPreparedCertificate(
  certificate: PreparedCertificate,
  context: VerifyContext,
): Verdict<PreparedCertificate, CertificateRefusal> {
  const { height, round, blockHash } = certificate;
  return verifySigners(certificate, context, ({ voter }) => ({
    kind: "prepare",
    height,
    round,
    blockHash,
    voter,
  }));
}

/** @param certificate untrusted @param context voters, chain and verifier @returns the certificate, or why it proves nothing */
export function verifyCommitCertificate(
  certificate: CommitCertificate,
  context: VerifyContext,
): Verdict<CommitCertificate, CertificateRefusal> {
  const { height, round, blockHash } = certificate;
  return verifySigners(certificate, context, ({ voter, held }) => ({
    kind: "commit",
    height,
    round,
    blockHash,
    held,
    voter,
  }));
}

/** @param certificate untrusted @param context voters, chain and verifier @returns the certificate, or why it proves nothing */
export function verifyRoundChangeCertificate(
  certificate: RoundChangeCertificate,
  context: VerifyContext,
): Verdict<RoundChangeCertificate, CertificateRefusal> {
  const { height, round, candidate } = certificate;
  if (round === 0) return reject("ROUND_ZERO");
  if (!certificate.signers.every((signer) => isPreparedClaim(signer, round)))
    return reject("BAD_PREPARED_CLAIM");
  return verifySigners(certificate, context, ({ signature: _signature, ...claim }) => ({
    kind: "round-change",
    height,
    round,
    candidate,
    ...claim,
  }));
}

/** @param claim of a ROUND_CHANGE @param round it enters @returns true when it names a block of an earlier round, or none */
export function isPreparedClaim(
  claim: Pick<RoundChangeSigner, "preparedRound" | "preparedHash">,
  round: number,
): boolean {
  if (claim.preparedRound === null || claim.preparedHash === null)
    return claim.preparedRound === claim.preparedHash;
  return claim.preparedRound < round;
}

/** @param signers of a certificate @param voters of its height @returns the first fault of who signs, without signatures */
export function judgeSigners(
  signers: readonly { readonly voter: VoterId }[],
  voters: readonly VoterId[],
): Verdict<null, "UNKNOWN_VOTER" | "TOO_FEW_VOTERS"> {
  const known = new Set(voters);
  const distinct = new Set(signers.map((signer) => signer.voter));
  for (const voter of distinct) if (!known.has(voter)) return reject("UNKNOWN_VOTER", voter);
  const needed = quorum(voters.length);
  return distinct.size >= needed ? accept(null) : reject("TOO_FEW_VOTERS", `${distinct.size} of ${needed}`);
}

function verifySigners<
  Signer extends PrepareSigner,
  Certificate extends { readonly signers: readonly Signer[] },
>(
  certificate: Certificate & { readonly signers: readonly Signer[] },
  context: VerifyContext,
  voteOf: (signer: Signer) => Unsigned<Vote>,
): Verdict<Certificate, CertificateRefusal> {
  const keys = new Map(context.voters.map((voter) => [voter.id, voter.publicKey]));
  const standing = judgeSigners(certificate.signers, [...keys.keys()]);
  if (standing.kind !== "accept") return standing;
  for (const signer of certificate.signers) {
    const key = keys.get(signer.voter);
    const message = signBytesOf(voteOf(signer), context.chainId, context.epoch);
    if (key === undefined || !context.verify(key, message, signer.signature))
      return reject("BAD_SIGNATURE", signer.voter);
  }
  return accept(certificate);
}

function windowOf(commits: readonly Commit[], voters: readonly VoterId[], lacked: readonly Item[]) {
  const start = (commits[0]?.height ?? 0) % voters.length;
  const owes = ({ held }: Commit) => (namesAny(held, lacked) ? 1 : 0);
  const rotated = [...voters.slice(start), ...voters.slice(0, start)];
  const inTurn = inRosterOrder(commits, rotated).toSorted((left, right) => owes(left) - owes(right));
  const window = inTurn.slice(0, quorum(voters.length));
  return { window, lacking: window.filter((commit) => owes(commit) === 1).length, count: inTurn.length };
}

function checkedSame<V extends Vote>(votes: readonly V[], positionOf: (vote: V) => string): V {
  const [first] = votes;
  if (first === undefined) throw new ConsensusError("CONSENSUS_TOO_FEW_VOTES", { votes: 0 });
  const other = votes.find((vote) => positionOf(vote) !== positionOf(first));
  if (other !== undefined)
    throw new ConsensusError("CONSENSUS_MIXED_VOTES", { first: positionOf(first), other: positionOf(other) });
  return first;
}

function firstQuorum<V extends { readonly voter: VoterId }>(
  votes: readonly V[],
  voters: readonly VoterId[],
): readonly V[] {
  const known = inRosterOrder(votes, voters);
  const needed = quorum(voters.length);
  if (known.length < needed)
    throw new ConsensusError("CONSENSUS_TOO_FEW_VOTES", { votes: known.length, needed });
  return known.slice(0, needed);
}

function inRosterOrder<V extends { readonly voter: VoterId }>(
  votes: readonly V[],
  voters: readonly VoterId[],
): readonly V[] {
  const voteOf = new Map(votes.toReversed().map((vote) => [vote.voter, vote]));
  return voters.flatMap((voter) => voteOf.get(voter) ?? []);
}
