/**
 * Own votes in a journal file: appended durably before they are published. The file also counts the starts of the
 * gateway and remembers that it must not vote. Votes of decided heights go when the file is full and rewritten.
 * A damaged file stays as it is and takes nothing more: what it promised can no longer be told.
 * It takes no lock: the agent holds its data directory by the lock of the ledger store, so open the store first.
 */
import type { VoterId } from "../../core/consensus/candidates.ts";
import type { OwnVote } from "../../core/consensus/ownVote.ts";
import type { Height } from "../../core/units.ts";
import type { Abstention, EnteredEpoch, VoteJournal } from "../../ports/voteJournal.ts";
import { JournalError } from "./journalError.ts";
import { type JournalFile, openJournal } from "./journalFile.ts";
import type { JournalRecord } from "./journalFormat.ts";
import { SerialQueue } from "./serialQueue.ts";
import {
  EMPTY_VOTE_JOURNAL,
  followVoteRecord,
  summariseVotes,
  type VoteJournalState,
} from "./voteJournalState.ts";
import { decodeVoteRecord, encodeVoteRecord, type VoteRecord } from "./voteRecord.ts";

const FORMAT = "votes";
/** Twice what one height of 8 rounds with the longest bodies and certificates needs. */
const CAPACITY_BYTES = 8_388_608;
/** Calls in line; there is one agreement and one guard of the key. */
const MAX_WAITING = 16;

/** What a vote journal is opened with. */
export type VoteJournalOptions = {
  /** Size of the file. */
  readonly capacityBytes?: number;
};

/**
 * Opens or creates a vote journal and counts this start, durably, before anything else.
 *
 * @param path of its file
 * @param options size of the file
 * @returns the journal; a damaged one says so and takes nothing
 * @throws JournalError `JOURNAL_WRITE`
 */
export async function openVoteJournal(path: string, options: VoteJournalOptions = {}): Promise<VoteJournal> {
  const { capacityBytes = CAPACITY_BYTES } = options;
  const { journal, records, damage } = await openJournal(path, { format: FORMAT, capacityBytes });
  if (damage !== null) return new FileVoteJournal(journal, `${damage.reason} damaged`);
  const state = readState(records);
  if (state === null) return new FileVoteJournal(journal, "content damaged");
  const opened = new FileVoteJournal(journal, null, state);
  try {
    await opened.countStart();
    return opened;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** @param path where no journal is @throws JournalError `JOURNAL_WRITE` */
export async function openEmptyVoteJournal(path: string): Promise<void> {
  const { journal } = await openJournal(path, { format: FORMAT, capacityBytes: CAPACITY_BYTES });
  await journal.close();
}

class FileVoteJournal implements VoteJournal {
  readonly damage: string | null;
  readonly #journal: JournalFile;
  readonly #queue = new SerialQueue(MAX_WAITING);
  #state: VoteJournalState;

  constructor(journal: JournalFile, damage: string | null, state: VoteJournalState = EMPTY_VOTE_JOURNAL) {
    this.#journal = journal;
    this.damage = damage;
    this.#state = state;
  }

  get starts(): number {
    return this.#state.starts;
  }

  /** Called once, by {@link openVoteJournal}. */
  async countStart(): Promise<void> {
    await this.#write({ kind: "start", starts: this.#state.starts + 1 });
  }

  abstention(): Abstention | null {
    return this.#state.abstention;
  }

  returnedAt(): Height | null {
    return this.#state.returnedAt;
  }

  epoch(): EnteredEpoch | null {
    return this.#state.epoch;
  }

  renounced(): number | null {
    const { epoch, isRenounced } = this.#state;
    return isRenounced ? (epoch?.number ?? null) : null;
  }

  votes(): readonly OwnVote[] {
    return this.#state.votes;
  }

  held(): readonly Uint8Array[] {
    return this.#state.held?.items ?? [];
  }

  async append(vote: OwnVote, electors: readonly VoterId[]): Promise<void> {
    await this.#queue.run(() => this.#write({ kind: "vote", vote, electors }));
  }

  async abstain(abstention: Abstention): Promise<void> {
    await this.#queue.run(async () => {
      if (this.#state.abstention === null) await this.#write({ kind: "abstain", abstention });
    });
  }

  async resume(height: Height, starts: number): Promise<void> {
    await this.#queue.run(() => this.#write({ kind: "resume", height, starts }));
  }

  async renounce(starts: number): Promise<void> {
    await this.#queue.run(() => this.#write({ kind: "renounce", starts }));
  }

  async enter(epoch: EnteredEpoch, forgiven: number | null): Promise<void> {
    await this.#queue.run(() => this.#write({ kind: "epoch", epoch, forgiven }));
  }

  async close(): Promise<void> {
    await this.#queue.run(() => this.#journal.close());
  }

  async #write(record: VoteRecord): Promise<void> {
    if (this.damage !== null) throw new JournalError("JOURNAL_DAMAGED", { reason: this.damage });
    const next = followVoteRecord(this.#state, record, false);
    if (next === null) throw new JournalError("JOURNAL_SEQUENCE", placeOf(record));
    const payload = encodeVoteRecord(record, this.#state.electors);
    if (!this.#journal.fits(payload.length)) await this.#rewrite();
    await this.#journal.append(payload);
    this.#state = next;
  }

  /** The votes that the next record may make dispensable stay until it is durable. */
  async #rewrite(): Promise<void> {
    const summary = summariseVotes(this.#state);
    await this.#journal.rewrite(summary.map((kept) => encodeVoteRecord(kept, this.#state.electors)));
  }
}

/** @returns null when a record checks but does not follow from those before it: nothing we know wrote it */
function readState(records: readonly JournalRecord[]): VoteJournalState | null {
  let state: VoteJournalState | null = EMPTY_VOTE_JOURNAL;
  for (const [position, { payload }] of records.entries()) {
    const record = decodeVoteRecord(payload, state.electors);
    state = record.kind === "accept" ? followVoteRecord(state, record.value, position === 0) : null;
    if (state === null) return null;
  }
  return state;
}

function placeOf(record: VoteRecord) {
  if (record.kind !== "vote") return { record: record.kind };
  const { kind, height, round } = record.vote.message;
  return { record: kind, height, round };
}
