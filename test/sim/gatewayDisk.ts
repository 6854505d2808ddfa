/** The files of one simulated gateway, and what a power cut or worse leaves of them. */
import {
  EMPTY_VOTE_JOURNAL,
  followVoteRecord,
  type VoteJournalState,
} from "../../agent/adapters/journal/voteJournalState.ts";
import type { VoteRecord } from "../../agent/adapters/journal/voteRecord.ts";
import { keepOwnVote, type OwnVote } from "../../agent/core/consensus/ownVote.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import type { Height } from "../../agent/core/units.ts";
import type { EnteredEpoch } from "../../agent/ports/voteJournal.ts";
import { SimFile } from "./disk.ts";
import type { Draw } from "./draw.ts";
import type { DiskFault } from "./scenario.ts";

const FORGOTTEN = { code: "AMNESIA", reason: "amnesia: the journal is lost" } as const;

/** Journal, ledger and outbox. */
export class GatewayDisk {
  readonly votes: SimFile<OwnVote>;
  readonly blocks: SimFile<ChainEntry>;
  readonly outbox: SimFile<SignedReading>;
  /** The journal's other records: votes lost and given back, epochs entered and renounced. */
  readonly standing: SimFile<VoteRecord>;
  /** True once everything was gone: sequence numbers begin again. */
  wasWiped = false;
  #boots = 0;
  /** Starts that the outbox has counted. */
  #outboxStarts = 0;

  /** @param hasFsync false plants a disk that acknowledges what it has only cached */
  constructor(hasFsync: boolean) {
    this.votes = new SimFile(hasFsync);
    this.blocks = new SimFile(hasFsync);
    this.outbox = new SimFile(hasFsync);
    this.standing = new SimFile(hasFsync);
  }

  /** Reads what is there, and counts the start. @returns how often it was started */
  open(): number {
    this.#boots += 1;
    this.#outboxStarts += 1;
    const isDamaged = this.votes.read().isDamaged || this.blocks.read().isDamaged;
    if (isDamaged) {
      // What does not verify is set aside and fetched again; votes are not, so this gateway only follows.
      this.blocks.wipe();
      this.#loseVotes();
    }
    this.#record({ kind: "start", starts: this.journal.starts + 1 });
    return this.#boots;
  }

  get outboxStarts(): number {
    return this.#outboxStarts;
  }

  /** What the journal's records but for its votes add up to, by the product's own rule. */
  get journal(): VoteJournalState {
    const { records } = this.standing.read();
    return records.reduce<VoteJournalState>(
      (state, record) => followVoteRecord(state, record, false) ?? state,
      EMPTY_VOTE_JOURNAL,
    );
  }

  /** Own votes of the height in progress, as the journal keeps them. */
  get ownVotes(): readonly OwnVote[] {
    return this.votes.read().records.reduce<readonly OwnVote[]>(keepOwnVote, []);
  }

  /** Not durable before the file is synced. */
  renounce(): void {
    this.standing.append({ kind: "renounce", starts: this.#outboxStarts });
  }

  /** Votes again above that block; not durable before the file is synced. */
  resume(height: Height): void {
    this.standing.append({ kind: "resume", height, starts: this.#outboxStarts });
  }

  /** @param vote new by `judgeOwnVote` @returns true when the journal takes it: neither its epoch nor its height is given up */
  takes(vote: OwnVote): boolean {
    return followVoteRecord(this.journal, { kind: "vote", vote, electors: [] }, false) !== null;
  }

  /** Durable at once, where the journal takes it; votes of the epoch before are dropped with it. */
  enter(epoch: EnteredEpoch, forgiven: number | null): void {
    const record: VoteRecord = { kind: "epoch", epoch, forgiven };
    if (followVoteRecord(this.journal, record, false) === null) return;
    this.#record(record);
    this.votes.wipe();
  }

  cutPower(fault: DiskFault, draw: Draw): void {
    this.votes.cutPower(draw);
    this.blocks.cutPower(draw);
    this.outbox.cutPower(draw);
    this.standing.cutPower(draw);
    if (fault === "rot") draw.one<SimFile<unknown>>([this.votes, this.blocks]).rot();
    if (fault !== "wipe") return;
    this.blocks.wipe();
    this.outbox.wipe();
    this.#outboxStarts = 0;
    this.wasWiped = true;
    this.#loseVotes();
  }

  /** A return from an earlier loss is forgotten with the votes since, and so is the epoch. */
  #loseVotes(): void {
    this.votes.wipe();
    this.standing.wipe();
    this.#record({ kind: "abstain", abstention: FORGOTTEN });
  }

  #record(record: VoteRecord): void {
    this.standing.append(record);
    this.standing.sync();
  }

  /** Fsyncs of all files so far. */
  get syncs(): number {
    return this.votes.syncs + this.blocks.syncs + this.outbox.syncs + this.standing.syncs;
  }

  /** Votes of committed heights are no longer needed once the block is durable. */
  forgetVotesBelow(height: Height): void {
    this.votes.prune(({ message }) => message.height >= height);
  }
}
