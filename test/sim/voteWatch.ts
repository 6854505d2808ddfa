/**
 * An onlooker of the agreement: sees every vote of every sound gateway as it leaves, every decision, and keeps its
 * own books. Nothing here asks the code under test whether a rule was kept.
 */
import type {
  CommitCertificate,
  Message,
  PreparedCertificate,
  RoundChange,
} from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import type { Height, Round } from "../../agent/core/units.ts";
import type { RosterBook, RosterByHand } from "./rosterBook.ts";

type Prepared = { readonly round: Round; readonly blockHash: Hash; readonly voter: string };

/** What a sound member said in a ROUND_CHANGE. */
export type RoundChangeSeen = { readonly candidate: string; readonly preparedHash: Hash | null };

const NOTHING_PREPARED = -1;

/** Books of one run. */
export class VoteWatch {
  readonly faults: string[] = [];
  /** First decision of each height. */
  readonly decided = new Map<Height, { readonly blockHash: Hash; readonly round: Round }>();
  readonly #roster: Pick<RosterBook, "at">;
  readonly #slots = new Map<string, string>();
  readonly #roundLeftFor = new Map<string, number>();
  readonly #support = new Map<string, Set<string>>();
  readonly #prepares = new Map<Height, Prepared[]>();
  /** What sound voters had prepared when they entered a round. */
  readonly #entered = new Map<string, number[]>();
  /** What each sound voter committed at a height: it had prepared that. */
  readonly #committed = new Map<string, Omit<Prepared, "voter">[]>();
  readonly #furthest = new Map<Height, number>();
  readonly #roundChanges = new Map<string, RoundChangeSeen>();

  /** @param roster knows who votes at which height */
  constructor(roster: Pick<RosterBook, "at">) {
    this.#roster = roster;
  }

  /** @param voter a sound member @param message as it is about to be published for the first time */
  sawVote(voter: string, message: Message): void {
    this.#checkOnce(voter, message);
    const { height, round } = message;
    if (!this.#isVoter(height, voter))
      this.faults.push(
        `STRANGER: ${voter} sends a ${message.kind} at ${label(height, round)} without a vote`,
      );
    switch (message.kind) {
      case "prepare":
        this.#backing("prepare", height, round, message.blockHash).add(voter);
        this.#sawPrepare(height, { round, blockHash: message.blockHash, voter });
        this.#checkRight(voter, height, round, message.blockHash);
        break;
      case "commit":
        this.#backing("commit", height, round, message.blockHash).add(voter);
        this.#sawCommit(voter, height, { round, blockHash: message.blockHash });
        if (!this.#isBacked("prepare", height, round, message.blockHash))
          this.faults.push(`S4: ${voter} commits ${label(height, round)} without a quorum of PREPAREs`);
        break;
      case "round-change": {
        this.#sawRoundChange(message);
        this.#checkProof(voter, message.prepared);
        this.#checkClaim(message);
        this.#checkPace(voter, height, round);
        break;
      }
      case "proposal":
        this.#checkProof(voter, message.justification?.prepared ?? null);
        break;
      default:
        message satisfies never;
    }
  }

  /** @param who decided @param certificate that decided */
  sawDecision(who: string, certificate: CommitCertificate): void {
    const { height, round, blockHash } = certificate;
    const first = this.decided.get(height);
    if (first !== undefined && first.blockHash !== blockHash)
      this.faults.push(
        `FORK at height ${height}: ${short(first.blockHash)} and ${short(blockHash)} at ${who}`,
      );
    const signers = new Set(certificate.signers.map((signer) => signer.voter));
    for (const voter of signers)
      if (!this.#isVoter(height, voter))
        this.faults.push(`STRANGER: ${voter} without a vote stands in a certificate of height ${height}`);
    if (signers.size < this.#at(height).quorum)
      this.faults.push(`certificate of height ${height} with ${signers.size} signers at ${who}`);
    if (!this.#isBacked("commit", height, round, blockHash))
      this.faults.push(`${who} decides ${label(height, round)} without a quorum of COMMITs in that round`);
    if (first === undefined) this.decided.set(height, { blockHash, round });
    for (const prepared of this.#prepares.get(height) ?? []) this.#checkLock(height, prepared);
  }

  /** @param who takes over a block that a quorum prepared @param certificate of it, as a certificate of COMMITs is written */
  sawTakenOver(who: string, certificate: CommitCertificate): void {
    const { height, round, blockHash } = certificate;
    const areCommits = this.#isBacked("commit", height, round, blockHash);
    if (!areCommits && !this.#isBacked("prepare", height, round, blockHash))
      this.faults.push(`${who} takes over ${label(height, round)}, which no quorum prepared in that round`);
    const first = this.decided.get(height)?.blockHash ?? blockHash;
    if (first !== blockHash)
      this.faults.push(`FORK at height ${height}: ${short(first)} and ${short(blockHash)} at ${who}`);
  }

  /** @returns what that sound member said when it entered that round; undefined when it never did */
  roundChangeOf(voter: string, height: Height, round: Round): RoundChangeSeen | undefined {
    return this.#roundChanges.get(`${voter}/${height}/${round}`);
  }

  /** @returns true when that sound member sent a COMMIT for that block in that round */
  hasCommitted(voter: string, height: Height, round: Round, blockHash: Hash): boolean {
    return this.#backing("commit", height, round, blockHash).has(voter);
  }

  /** S1 and S2, across restarts. */
  #checkOnce(voter: string, message: Message): void {
    const place = `${voter}/${message.height}`;
    const slot = `${place}/${message.round}/${message.kind}`;
    const said =
      message.kind === "round-change" ? `${message.candidate}/${message.preparedHash}` : message.blockHash;
    const before = this.#slots.get(slot);
    if (before !== undefined && before !== said)
      this.faults.push(`S1: ${slot}: ${short(before)} and ${short(said)}`);
    this.#slots.set(slot, said);
    const left = this.#roundLeftFor.get(place) ?? 0;
    if (message.round < left && before === undefined)
      this.faults.push(`S2: ${slot} after leaving for ${left}`);
    if (message.kind === "round-change") this.#roundLeftFor.set(place, Math.max(left, message.round));
  }

  #sawRoundChange({ voter, height, round, candidate, preparedHash, preparedRound }: RoundChange): void {
    const slot = `${voter}/${height}/${round}`;
    if (this.#roundChanges.has(slot)) return;
    this.#roundChanges.set(slot, { candidate, preparedHash });
    const entered = this.#entered.get(`${height}/${round}`) ?? [];
    entered.push(preparedRound ?? NOTHING_PREPARED);
    this.#entered.set(`${height}/${round}`, entered);
  }

  /** Whoever rests on a prepared certificate rests on PREPAREs that were really sent. */
  #checkProof(voter: string, prepared: PreparedCertificate | null): void {
    if (prepared === null) return;
    const { height, round, blockHash, signers } = prepared;
    const isRead = signers.every((signer) => this.#isVoter(height, signer.voter));
    if (!isRead || !this.#isBacked("prepare", height, round, blockHash))
      this.faults.push(
        `S3: ${voter} rests on a certificate of ${label(height, round)} that no quorum prepared`,
      );
  }

  /** Whoever committed a block had prepared it, and claims it, or one prepared later, in every ROUND_CHANGE from then on. */
  #checkClaim({ voter, height, round, preparedRound, preparedHash }: RoundChange): void {
    const claimed = preparedRound ?? NOTHING_PREPARED;
    for (const commit of this.#committed.get(`${voter}/${height}`) ?? []) {
      const isClaimed = commit.round === claimed && commit.blockHash === preparedHash;
      if (isClaimed || commit.round < claimed || commit.round >= round) continue;
      this.faults.push(
        `CLAIM: ${voter} goes to ${label(height, round)} and hides what it had prepared in round ${commit.round}`,
      );
    }
  }

  #sawCommit(voter: string, height: Height, commit: Omit<Prepared, "voter">): void {
    const place = `${voter}/${height}`;
    this.#committed.set(place, [...(this.#committed.get(place) ?? []), commit]);
  }

  /** S3: a quorum that entered the round had prepared nothing later than the block that is prepared in it. */
  #checkRight(voter: string, height: Height, round: Round, blockHash: Hash): void {
    if (round === 0) return;
    let since = round - 1;
    while (since >= 0 && !this.#isBacked("prepare", height, since as Round, blockHash)) since -= 1;
    const entered = this.#entered.get(`${height}/${round}`) ?? [];
    const agreeing = entered.filter((preparedRound) => preparedRound <= since).length;
    const { liars, quorum } = this.#at(height);
    if (agreeing + liars < quorum)
      this.faults.push(
        `S3: ${voter} prepares ${short(blockHash)} in ${label(height, round)} against what was prepared before`,
      );
  }

  /** A round is left one at a time, or for one that a sound voter has reached: liars alone drive nobody on. */
  #checkPace(voter: string, height: Height, round: Round): void {
    const furthest = this.#furthest.get(height) ?? 0;
    if (round > furthest + 1)
      this.faults.push(`PACE: ${voter} goes to ${label(height, round)}, sound ones were at ${furthest}`);
    this.#furthest.set(height, Math.max(furthest, round));
  }

  #sawPrepare(height: Height, prepared: Prepared): void {
    const known = this.#prepares.get(height) ?? [];
    known.push(prepared);
    this.#prepares.set(height, known);
    this.#checkLock(height, prepared);
  }

  /** What the rules S1 to S4 together promise: after a block was decided in a round, no later round prepares another. */
  #checkLock(height: Height, { round, blockHash, voter }: Prepared): void {
    const decided = this.decided.get(height);
    if (decided === undefined || round <= decided.round || blockHash === decided.blockHash) return;
    this.faults.push(
      `LOCK: ${voter} prepares ${short(blockHash)} in ${label(height, round)}, decided was ${short(decided.blockHash)} in round ${decided.round}`,
    );
  }

  #backing(kind: "prepare" | "commit", height: Height, round: Round, blockHash: Hash): Set<string> {
    const key = `${kind}/${height}/${round}/${blockHash}`;
    const backing = this.#support.get(key) ?? new Set<string>();
    this.#support.set(key, backing);
    return backing;
  }

  #isBacked(kind: "prepare" | "commit", height: Height, round: Round, blockHash: Hash): boolean {
    const { liars, quorum } = this.#at(height);
    return this.#backing(kind, height, round, blockHash).size + liars >= quorum;
  }

  #at(height: Height): RosterByHand {
    return this.#roster.at(height);
  }

  #isVoter(height: Height, voter: string): boolean {
    return this.#at(height).members.get(voter)?.isVoter === true;
  }
}

function label(height: Height, round: Round): string {
  return `height ${height} round ${round}`;
}

function short(text: string): string {
  return text.slice(0, 8);
}
