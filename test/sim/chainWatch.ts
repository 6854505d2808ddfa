/**
 * An onlooker of the ledger: takes each height's first decided block, has the product verify it as stored, and then
 * enters it into books of its own, which say what must never happen to energy, readings, money and office.
 */
import { decodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { type Block, readBlock } from "../../agent/core/ledger/blocks/block.ts";
import { type ChainEntry, verifyNext } from "../../agent/core/ledger/chain/chain.ts";
import { genesisState } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import type { SettledTransaction } from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";
import { BidBook, fuelOf } from "./bidBook.ts";
import { ComplianceBook } from "./complianceBook.ts";
import type { EpochBooks } from "./epochBooks.ts";
import { MoneyBook } from "./moneyBook.ts";
import { OfficeWatch } from "./officeWatch.ts";
import { OutcomeBook } from "./outcomeBook.ts";
import { type Forgotten, ReadingBook } from "./readingBook.ts";
import type { RosterByHand } from "./rosterBook.ts";

/** What the onlooker is told of the run. */
export type ChainWatchModules = {
  /** Know who takes part in which block and what was voted, and hear of every block. */
  readonly books: EpochBooks;
  readonly liars: ReadonlySet<string>;
};

/** Books of one run's chain. */
export class ChainWatch {
  readonly faults: string[] = [];
  readonly #modules: ChainWatchModules;
  readonly #readings: ReadingBook;
  readonly #outcomes: OutcomeBook;
  readonly #money: MoneyBook;
  readonly #bids: BidBook;
  readonly #orders = new ComplianceBook();
  readonly #offices: OfficeWatch;
  #state: LedgerState;

  constructor(modules: ChainWatchModules) {
    this.#modules = modules;
    const { books } = modules;
    const { context } = books.newest;
    const { genesis } = context;
    this.#state = genesisState(context);
    const present = () => this.#roster;
    const say = (fault: string) => void this.faults.push(fault);
    this.#money = new MoneyBook({
      ...genesis,
      isMember: (member) => this.#roster.members.has(member),
      fuelOf: (member) => fuelOf(books.newest.roster.enrolled(member)!),
      verify: context.voters.verify,
    });
    this.#bids = new BidBook(present);
    const [money, bids, orders] = [this.#money, this.#bids, this.#orders];
    const nextInterval = () => this.#state.nextInterval;
    this.#readings = new ReadingBook({ ...modules, genesis, present, nextInterval, money, say });
    this.#outcomes = new OutcomeBook({ genesis, present, money, bids, orders, say });
    this.#offices = new OfficeWatch({ ...modules, genesis, say });
  }

  get height(): Height {
    return this.#state.height;
  }

  get settledReadings(): number {
    return this.#readings.settledReadings;
  }

  /** Orders judged, and acknowledgements that took effect. */
  get orders(): ComplianceBook["counts"] {
    return this.#orders.counts;
  }

  get terms(): number {
    return this.#offices.terms;
  }

  /** @param signed of a sound gateway @param forgotten what it cannot answer for */
  sawReading(signed: SignedReading, forgotten: Forgotten): void {
    this.#readings.sawReading(signed, forgotten);
  }

  /** @returns intervals of members that were measured, or lie between measured ones, and are closed but not settled */
  unsettled(isOfInterest: (member: MemberId) => boolean): readonly string[] {
    return this.#readings.unsettled(isOfInterest);
  }

  /** @param entry as a sound gateway is about to store it; heights that were seen are passed over */
  sawBlock(entry: ChainEntry): void {
    if (entry.height !== this.#state.height + 1) return;
    const verified = verifyNext(this.#modules.books.newest.context, this.#state, entry);
    if (verified.kind !== "accept") {
      this.faults.push(`invalid block certified at height ${entry.height}: ${verified.code}`);
      return;
    }
    const read = readBlock(entry.block);
    if (read.kind !== "accept") return;
    const { late, intervals, transactions } = read.value.body;
    this.#succeed();
    this.#offices.sawBlock(entry, read.value);
    this.#money.beginBlock();
    for (const lateEntry of late) this.#readings.enterLate(lateEntry);
    let next: number = this.#state.nextInterval;
    for (const settled of intervals) {
      if (settled.interval !== next)
        this.faults.push(`interval ${settled.interval} settled where ${next} is due`);
      next = settled.interval + 1;
      const authors = settled.readings.map(({ reading }) => reading.member);
      if (authors.some((member, index) => index > 0 && member <= authors[index - 1]!))
        this.faults.push(`readings of ${settled.interval} out of order`);
      for (const signed of settled.readings) this.#readings.enter(signed, settled.interval);
      this.#outcomes.enter(settled, entry.height);
    }
    this.#enterAbsences(read.value);
    this.#enterTransactions(entry.height, transactions, next);
    this.#state = verified.value.state;
    this.#compare();
  }

  /** Who takes part in the block above the last one that was seen. */
  get #roster(): RosterByHand {
    const height = this.#state.height + 1;
    return this.#modules.books.at(height).roster.at(height);
  }

  /** A household that has another key from this block on goes on where it was. */
  #succeed(): void {
    const { from, succession } = this.#roster;
    if (succession === null || from !== this.#state.height + 1) return;
    for (const book of [this.#readings, this.#outcomes, this.#money])
      book.succeed(succession.from, succession.to);
  }

  /** One certificate a block, of however many intervals. */
  #enterAbsences({ header, body: { parentCertificate } }: Block): void {
    const { books } = this.#modules;
    const parent = heightOf(Math.max(0, header.height - 1));
    const { voters } = books.at(parent).roster.at(parent);
    const decoded =
      parentCertificate === null ? null : decodeCommitCertificate(parentCertificate, parent, voters);
    const signers =
      decoded?.kind === "accept" ? new Set(decoded.value.signers.map(({ voter }) => voter)) : null;
    books.at(header.height).roster.absences.sawCertificate(voters, signers);
  }

  #enterTransactions(
    height: Height,
    transactions: readonly SettledTransaction[],
    nextInterval: number,
  ): void {
    this.faults.push(...this.#orders.acknowledge(transactions));
    for (const settled of transactions)
      this.faults.push(
        ...this.#money.enterTransaction(settled, nextInterval),
        ...this.#bids.enterTransaction(settled, nextInterval),
      );
    for (const what of this.#modules.books.at(height).roster.enter(height, transactions))
      this.faults.push(`ROSTER at height ${height}: ${what}`);
  }

  /** What the state after the block says, and what the books do. */
  #compare(): void {
    const { height, members, absences } = this.#state;
    for (const what of this.#modules.books.at(height).roster.absences.differences(absences))
      this.faults.push(`ABSENCES at height ${height}: ${what}`);
    for (const [member, state] of members)
      this.faults.push(
        ...this.#outcomes.differences(member, state),
        ...this.#readings.differences(member, state),
      );
    for (const what of this.#money.differences(this.#state))
      this.faults.push(`MONEY at height ${height}: ${what}`);
    for (const what of this.#bids.differences(this.#state))
      this.faults.push(`BIDS at height ${height}: ${what}`);
  }
}
