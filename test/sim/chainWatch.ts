/**
 * An onlooker of the ledger: takes each height's first decided block, has the product verify it as stored, and then
 * checks again by its own books what must never happen to energy, readings and office.
 */

import type { VoterId } from "../../agent/core/consensus/candidates.ts";
import {
  decodeCommitCertificate,
  decodeRoundChangeCertificate,
} from "../../agent/core/consensus/certificateCodec.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { type Block, readBlock } from "../../agent/core/ledger/block.ts";
import { type ChainEntry, verifyNext } from "../../agent/core/ledger/chain.ts";
import { genesisState, type LedgerContext } from "../../agent/core/ledger/context.ts";
import type { LateEntry } from "../../agent/core/ledger/lateSection.ts";
import type { SettledInterval } from "../../agent/core/ledger/settledInterval.ts";
import type { LedgerState } from "../../agent/core/ledger/state.ts";
import type { BalanceInput } from "../../agent/core/market/balance.ts";
import { tieOrder } from "../../agent/core/market/tieOrder.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import { type Reading, readingId, type SignedReading } from "../../agent/core/metering/reading.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";
import { outcomeViolations } from "../support/marketProperties.ts";
import { BidBook, fuelOf } from "./bidBook.ts";
import { ComplianceBook } from "./complianceBook.ts";
import { CoverageBook, type Energy } from "./coverageBook.ts";
import { MoneyBook } from "./moneyBook.ts";
import { areFiguresRight, exceeds } from "./readingByHand.ts";
import type { RosterBook, RosterByHand } from "./rosterBook.ts";
import { type OfficeByHand, seatsByHand } from "./seatsByHand.ts";
import type { VoteWatch } from "./voteWatch.ts";

type Sums = { generated: bigint; consumed: bigint; sold: bigint; bought: bigint };

const MS_PER_HOUR = 3_600_000;

/** What the onlooker is told of the run. */
export type ChainWatchModules = {
  readonly context: LedgerContext;
  readonly votes: VoteWatch;
  readonly liars: ReadonlySet<string>;
  /** Knows who takes part in which block, and hears of every one. */
  readonly roster: RosterBook;
};

/** What a gateway that lost its disk may have stated without knowing it. */
export type Forgotten = "nothing" | "sequence" | "everything";

/** Books of one run's chain. */
export class ChainWatch {
  readonly faults: string[] = [];
  /** Readings that sound gateways signed, by id. */
  readonly #issued = new Map<Hash, Reading>();
  readonly #stated = new Map<string, Hash>();
  readonly #modules: ChainWatchModules;
  readonly #settled = new Set<Hash>();
  readonly #books = new Map<MemberId, CoverageBook>();
  readonly #sums = new Map<MemberId, Sums>();
  readonly #money: MoneyBook;
  readonly #bids: BidBook;
  readonly #orders = new ComplianceBook();
  #office: OfficeByHand | null = null;
  #state: LedgerState;

  constructor(modules: ChainWatchModules) {
    this.#modules = modules;
    this.#state = genesisState(modules.context);
    const { context, roster } = modules;
    this.#money = new MoneyBook({
      ...context.genesis,
      isMember: (member) => this.#isMember(member),
      fuelOf: (member) => fuelOf(roster.enrolled(member)!),
      verify: context.voters.verify,
    });
    this.#bids = new BidBook(() => this.#roster);
  }

  get height(): Height {
    return this.#state.height;
  }

  get settledReadings(): number {
    return this.#settled.size;
  }

  /** Orders judged, and acknowledgements that took effect. */
  get orders(): ComplianceBook["counts"] {
    return this.#orders.counts;
  }

  get terms(): number {
    return this.#office?.term ?? 0;
  }

  /** A sound gateway signs at most one reading of an interval and at most one with a sequence number. */
  sawReading({ reading }: SignedReading, forgotten: Forgotten): void {
    const id = readingId(reading);
    const { member, interval, sequence, content } = reading;
    const isSpan = content.kind === "spanning";
    for (const place of [
      ...(isSpan || forgotten === "everything" ? [] : [`${member}/interval ${interval}`]),
      ...(forgotten === "nothing" ? [`${member}/sequence ${sequence}`] : []),
      ...(forgotten === "nothing" && isSpan ? [`${member}/span to ${interval}`] : []),
    ]) {
      const before = this.#stated.get(place);
      if (before !== undefined && before !== id) this.faults.push(`two readings of ${place}`);
      this.#stated.set(place, id);
    }
    this.#issued.set(id, reading);
  }

  /** @returns intervals of members that were measured, or lie between measured ones, and are closed but not settled */
  unsettled(isOfInterest: (member: MemberId) => boolean): readonly string[] {
    const { nextInterval } = this.#state;
    const isAsked = (member: MemberId) => this.#isMember(member) && isOfInterest(member);
    const missed = [...this.#issued.values()].filter((reading) => {
      const { member, interval, content } = reading;
      if (!isAsked(member) || content.kind !== "measured" || interval >= nextInterval) return false;
      const book = this.#bookOf(member);
      return !book.isSettled(interval) && book.isOwed(reading);
    });
    const gaps = [...this.#books]
      .filter(([member]) => isAsked(member))
      .flatMap(([member, book]) => book.openGaps(nextInterval).map((gap) => ({ member, ...gap })));
    return [
      ...missed.map(({ member, interval }) => `${member} measured ${interval}, which is not settled`),
      ...gaps.map(({ member, from, to }) => `${member} leaves ${from} to ${to} open`),
    ];
  }

  /** @param entry as a sound gateway is about to store it; heights that were seen are passed over */
  sawBlock(entry: ChainEntry): void {
    if (entry.height !== this.#state.height + 1) return;
    const verified = verifyNext(this.#modules.context, this.#state, entry);
    if (verified.kind !== "accept") {
      this.faults.push(`invalid block certified at height ${entry.height}: ${verified.code}`);
      return;
    }
    const read = readBlock(entry.block);
    if (read.kind !== "accept") return;
    this.#succeed();
    this.#checkCertificate(entry);
    this.#checkParent(read.value);
    this.#checkOffice(read.value);
    this.#money.beginBlock();
    for (const entry of read.value.body.late) this.#checkLate(entry);
    let next = this.#state.nextInterval;
    for (const settled of read.value.body.intervals) {
      if (settled.interval !== next)
        this.faults.push(`interval ${settled.interval} settled where ${next} is due`);
      next = (settled.interval + 1) as typeof next;
      const authors = settled.readings.map(({ reading }) => reading.member);
      if (authors.some((member, index) => index > 0 && member <= authors[index - 1]!))
        this.faults.push(`readings of ${settled.interval} out of order`);
      for (const signed of settled.readings) this.#checkReading(signed, settled);
      this.#checkOutcome(settled);
    }
    this.faults.push(...this.#orders.acknowledge(read.value.body.transactions));
    for (const settled of read.value.body.transactions)
      this.faults.push(
        ...this.#money.enterTransaction(settled, next),
        ...this.#bids.enterTransaction(settled, next),
      );
    for (const what of this.#modules.roster.enter(entry.height, read.value.body.transactions))
      this.faults.push(`ROSTER at height ${entry.height}: ${what}`);
    this.#state = verified.value.state;
    this.#checkTotals();
    for (const what of this.#money.differences(this.#state))
      this.faults.push(`MONEY at height ${entry.height}: ${what}`);
    for (const what of this.#bids.differences(this.#state))
      this.faults.push(`BIDS at height ${entry.height}: ${what}`);
  }

  /** Who takes part in the block above the last one that was seen. */
  get #roster(): RosterByHand {
    return this.#modules.roster.at(this.#state.height + 1);
  }

  #isMember(member: string): boolean {
    return this.#roster.members.has(member);
  }

  /** A household that has another key from this block on goes on where it was. */
  #succeed(): void {
    const { from, succession } = this.#roster;
    if (succession === null || from !== this.#state.height + 1) return;
    for (const books of [this.#books, this.#sums] as Map<MemberId, unknown>[]) {
      const own = books.get(succession.from);
      books.delete(succession.from);
      if (own !== undefined) books.set(succession.to, own);
    }
    this.#money.succeed(succession.from, succession.to);
  }

  #checkCertificate(entry: ChainEntry): void {
    const { voters, quorum } = this.#roster;
    const decoded = decodeCommitCertificate(entry.certificate, entry.height, voters);
    const signers =
      decoded.kind === "accept" ? new Set(decoded.value.signers.map(({ voter }) => voter)).size : 0;
    if (signers < quorum) this.faults.push(`height ${entry.height} stored with ${signers} signers`);
  }

  /** Whoever is sound and stands in the parent's certificate really committed the parent, in that round. */
  #checkParent({ header, body }: Block): void {
    const { votes, liars, roster } = this.#modules;
    if (header.height === 1) return;
    const parent = heightOf(header.height - 1);
    const { voters, quorum } = roster.at(parent);
    const decoded =
      body.parentCertificate === null
        ? null
        : decodeCommitCertificate(body.parentCertificate, parent, voters);
    if (decoded?.kind !== "accept") return this.#say(`height ${header.height} embeds no certificate`);
    const { signers, round, blockHash } = decoded.value;
    const distinct = [...new Set(signers.map(({ voter }) => voter))];
    const areReal = distinct.every(
      (voter) => liars.has(voter) || votes.hasCommitted(voter, parent, round, blockHash),
    );
    if (distinct.length < quorum || !areReal || blockHash !== header.parentHash)
      this.#say(`height ${header.height} embeds a certificate that its parent does not have`);
  }

  #say(fault: string): void {
    this.faults.push(fault);
  }

  /** The order of office, the round by the block's own account. */
  #isSeated({ header, body }: Block): boolean {
    const { voters } = this.#roster;
    const { seed, termMax } = this.#modules.context.genesis;
    const proof = body.mandateProof;
    const decoded = proof === null ? null : decodeRoundChangeCertificate(proof, header.height, voters);
    const round = decoded?.kind === "accept" ? decoded.value.round : 0;
    const ids = voters.map(({ id }) => id);
    const seats = seatsByHand(ids, this.#office, termMax, seed);
    return seats[round % seats.length] === header.dso;
  }

  #checkOffice(block: Block): void {
    const { header, body } = block;
    const before = this.#office;
    const { termMax } = this.#modules.context.genesis;
    const isNewTerm = header.term === (before?.term ?? 0) + 1;
    const isTermServed =
      before !== null && (before.blocks >= termMax || this.#roster.members.get(before.dso)?.isVoter !== true);
    const rightful = {
      genesis: () => before === null && isNewTerm,
      continued: () => before?.dso === header.dso && header.term === before.term && !isTermServed,
      "term-end": () => isTermServed && isNewTerm,
      recall: () => isNewTerm && this.#isMandated(header.height, header.dso, body.mandateProof),
    }[header.mandate]();
    if (!rightful || !this.#isSeated(block))
      this.faults.push(`office of height ${header.height} usurped: ${header.mandate} ${header.dso}`);
    const blocks = isNewTerm ? 1 : (before?.blocks ?? 0) + 1;
    this.#office = { dso: header.dso, term: header.term, blocks };
  }

  /** A recall names a quorum; the sound ones among it really asked for this DSO and had prepared nothing. */
  #isMandated(height: Height, dso: VoterId, proof: Uint8Array | null): boolean {
    const { liars, votes } = this.#modules;
    if (proof === null) return false;
    const { voters, quorum } = this.#roster;
    const decoded = decodeRoundChangeCertificate(proof, height, voters);
    if (decoded.kind !== "accept") return false;
    const { signers, round } = decoded.value;
    const distinct = new Set(signers.map(({ voter }) => voter));
    const areMeant = [...distinct].every((voter) => {
      if (liars.has(voter)) return true;
      const said = votes.roundChangeOf(voter, height, round);
      return said?.candidate === dso && said.preparedHash === null;
    });
    return distinct.size >= quorum && areMeant;
  }

  #checkReading({ reading }: SignedReading, { interval }: SettledInterval): void {
    if (reading.interval !== interval)
      this.faults.push(`reading of ${reading.member} for ${reading.interval} settled in ${interval}`);
    if (!areFiguresRight(reading, this.#rolesOf(reading.member)))
      this.faults.push(
        `reading of ${reading.member} for ${interval} with figures that its registers do not give`,
      );
    this.#enter(reading);
  }

  /** A late reading is of a closed interval, and its correction is what its registers give, set against what it should. */
  #checkLate(entry: LateEntry): void {
    const {
      signed: { reading },
      correction,
    } = entry;
    const { genesis } = this.#modules.context;
    const say = (what: string) =>
      this.faults.push(`late reading of ${reading.member} to ${reading.interval} ${what}`);
    if (reading.interval >= this.#state.nextInterval) say("of an open interval");
    const energy = this.#enter(reading);
    if (energy === null) return;
    if (correction.generated !== energy.generated || correction.consumed !== energy.consumed)
      say(
        `corrects ${correction.generated}/${correction.consumed}, not ${energy.generated}/${energy.consumed}`,
      );
    const enrolledW = this.#roster.members.get(reading.member)?.connectionRatingW ?? 0;
    const rating = this.#money.ratingOf(reading.member, reading.interval, enrolledW);
    const isTooMuch = exceeds(
      reading,
      energy,
      (rating * genesis.intervalMs * genesis.timeLapse) / MS_PER_HOUR,
    );
    const against = isTooMuch ? "quarantined" : genesis.mode === "islanded" ? "imbalance" : "supplier";
    if (correction.against !== against || correction.member !== reading.member)
      say(`stands against ${correction.against}, not ${against}`);
    for (const what of this.#money.enterLate(entry)) say(`moves ${what}`);
  }

  /** Each reading once, each interval once, and registers that go on. @returns its energy, null when it is not right */
  #enter(reading: Reading): Energy | null {
    const { member, interval } = reading;
    const id = readingId(reading);
    const say = (what: string) => this.faults.push(`reading of ${member} for ${interval} ${what}`);
    if (this.#settled.has(id)) say("doubled");
    this.#settled.add(id);
    if (!this.#modules.liars.has(member) && this.#issued.get(id)?.member !== member) say("altered");
    const energy = this.#bookOf(member).enter(reading);
    if (typeof energy === "string") say(energy);
    return typeof energy === "string" ? null : energy;
  }

  #bookOf(member: MemberId): CoverageBook {
    const book = this.#books.get(member) ?? new CoverageBook(this.#rolesOf(member));
    this.#books.set(member, book);
    return book;
  }

  #rolesOf(member: MemberId): readonly MeterRole[] {
    return this.#modules.roster.enrolled(member)?.meters.map((meter) => meter.role) ?? [];
  }

  #checkOutcome(settled: SettledInterval): void {
    const { interval, readings, outcome } = settled;
    const { genesis } = this.#modules.context;
    const members = [...this.#roster.members.values()];
    const contents = new Map(readings.map(({ reading }) => [reading.member, reading.content]));
    const missing = new Set(outcome.missing.map(({ member }) => member));
    for (const { id } of members)
      if (contents.get(id)?.kind !== "measured" && !missing.has(id))
        this.faults.push(`${id} counted without a reading`);
    const positions = members.flatMap(({ id }) => {
      const content = contents.get(id);
      if (content?.kind !== "measured" || missing.has(id)) return [];
      const { generated, consumed, position } = content;
      return [{ member: id, generated, consumed, position }];
    });
    const input: BalanceInput = {
      interval,
      positions,
      missing: outcome.missing,
      tieOrder: tieOrder(
        genesis.seed,
        members.map(({ id }) => id),
      ),
      mode: genesis.mode,
      standingOrders: this.#orders.binding(interval, (member) => this.#isMember(member)),
      feedInLimit: this.#money.feedInLimit(interval),
      ineligible: new Set(
        this.#money.ineligible(
          interval,
          positions.filter(({ position }) => position < 0n).map(({ member }) => member),
        ),
      ),
    };
    const policy = this.#money.policyAt(interval);
    for (const violation of outcomeViolations(input, outcome, policy?.pricing))
      this.faults.push(`interval ${interval}: ${violation}`);
    if (policy?.pricing === "auction") this.faults.push(...this.#bids.enterInterval(settled, input, policy));
    this.#bids.closeInterval(interval);
    const listed = settled.settlement?.ineligible ?? [];
    if (listed.join() !== [...input.ineligible].sort().join())
      this.faults.push(
        `interval ${interval}: names ${listed.length} ineligible, not ${input.ineligible.size}`,
      );
    for (const what of this.#money.enterInterval(settled)) this.faults.push(`interval ${interval}: ${what}`);
    const isMember = (member: string) => this.#isMember(member);
    this.faults.push(...this.#orders.settle(settled, this.#state.height + 1, isMember));
    const add = (member: MemberId, amounts: Partial<Sums>) => {
      const sums = this.#sums.get(member) ?? { generated: 0n, consumed: 0n, sold: 0n, bought: 0n };
      for (const key of Object.keys(amounts) as (keyof Sums)[]) sums[key] += amounts[key] ?? 0n;
      this.#sums.set(member, sums);
    };
    for (const { member, generated, consumed } of positions) add(member, { generated, consumed });
    for (const { from, to, wh } of outcome.trades) {
      add(from, { sold: wh });
      add(to, { bought: wh });
    }
  }

  #checkTotals(): void {
    for (const [member, { totals }] of this.#state.members) {
      const sums = this.#sums.get(member) ?? { generated: 0n, consumed: 0n, sold: 0n, bought: 0n };
      const differs = (Object.keys(sums) as (keyof Sums)[]).find((key) => sums[key] !== totals[key]);
      if (differs !== undefined)
        this.faults.push(`state of ${member}: ${differs} ${totals[differs]}, not ${sums[differs]}`);
      const all = this.#bookOf(member).total;
      for (const key of ["generated", "consumed"] as const) {
        const settled = totals[key] + totals.corrected[key] + totals.quarantined[key];
        if (settled !== all[key])
          this.faults.push(
            `state of ${member}: ${key} ${settled} in all, where the registers give ${all[key]}`,
          );
      }
    }
  }
}
