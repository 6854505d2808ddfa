/** The files of one simulated gateway, and what a power cut or worse leaves of them. */
import type { OwnVote } from "../../agent/core/consensus/ownVote.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import type { Height } from "../../agent/core/units.ts";
import { SimFile } from "./disk.ts";
import type { Draw } from "./draw.ts";
import type { DiskFault } from "./scenario.ts";

/** Journal, ledger and outbox. */
export class GatewayDisk {
  readonly votes: SimFile<OwnVote>;
  readonly blocks: SimFile<ChainEntry>;
  readonly outbox: SimFile<SignedReading>;
  /** Heights of the blocks that gave a lost vote back. */
  readonly returns: SimFile<Height>;
  /** True once everything was gone: sequence numbers begin again. */
  wasWiped = false;
  #boots = 0;
  #isJournalLost = false;

  /** @param hasFsync false plants a disk that acknowledges what it has only cached */
  constructor(hasFsync: boolean) {
    this.votes = new SimFile(hasFsync);
    this.blocks = new SimFile(hasFsync);
    this.outbox = new SimFile(hasFsync);
    this.returns = new SimFile(hasFsync);
  }

  /** Reads what is there. @returns how often it was started, and whether every vote ever sent is known */
  open(): { readonly isSoundJournal: boolean; readonly boot: number } {
    this.#boots += 1;
    const isDamaged = this.votes.read().isDamaged || this.blocks.read().isDamaged;
    if (isDamaged) {
      // What does not verify is set aside and fetched again; votes are not, so this gateway only follows.
      this.blocks.wipe();
      this.#loseVotes();
    }
    const hasReturned = this.returns.read().records.length > 0;
    return { isSoundJournal: !this.#isJournalLost || hasReturned, boot: this.#boots };
  }

  cutPower(fault: DiskFault, draw: Draw): void {
    this.votes.cutPower(draw);
    this.blocks.cutPower(draw);
    this.outbox.cutPower(draw);
    this.returns.cutPower(draw);
    if (fault === "rot") draw.one<SimFile<unknown>>([this.votes, this.blocks]).rot();
    if (fault !== "wipe") return;
    this.blocks.wipe();
    this.outbox.wipe();
    this.wasWiped = true;
    this.#loseVotes();
  }

  /** A return from an earlier loss is forgotten with the votes since. */
  #loseVotes(): void {
    this.votes.wipe();
    this.returns.wipe();
    this.#isJournalLost = true;
  }

  /** Fsyncs of all files so far. */
  get syncs(): number {
    return this.votes.syncs + this.blocks.syncs + this.outbox.syncs + this.returns.syncs;
  }

  /** Votes of committed heights are no longer needed once the block is durable. */
  forgetVotesBelow(height: Height): void {
    this.votes.prune(({ message }) => message.height >= height);
  }
}
