/**
 * The onlookers' book of readings: what sound gateways signed, what blocks settle of it and as what. Each reading once
 * and as it was signed, each interval once, and registers that go on.
 */
import type { Hash } from "../../agent/core/hash.ts";
import type { LateEntry } from "../../agent/core/ledger/settlement/lateSection.ts";
import type { MemberState } from "../../agent/core/ledger/state/state.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { GenesisBody } from "../../agent/core/membership/genesis.ts";
import { type Reading, readingId, type SignedReading } from "../../agent/core/metering/reading.ts";
import { CoverageBook, type Energy } from "./coverageBook.ts";
import type { EpochBooks } from "./epochBooks.ts";
import type { MoneyBook } from "./moneyBook.ts";
import { areFiguresRight, exceeds } from "./readingByHand.ts";
import type { RosterByHand } from "./rosterBook.ts";

const MS_PER_HOUR = 3_600_000;

/** What a gateway that lost its disk may have stated without knowing it. */
export type Forgotten = "nothing" | "sequence" | "everything";

/** What the book is kept with. */
export type ReadingBookModules = {
  readonly genesis: GenesisBody;
  readonly liars: ReadonlySet<string>;
  readonly books: EpochBooks;
  /** Who takes part in the block that is entered. */
  readonly present: () => RosterByHand;
  /** First interval that no block before the one that is entered settles. */
  readonly nextInterval: () => number;
  readonly money: MoneyBook;
  readonly say: (fault: string) => void;
};

/** One book. */
export class ReadingBook {
  readonly #modules: ReadingBookModules;
  /** Readings that sound gateways signed, by id. */
  readonly #issued = new Map<Hash, Reading>();
  readonly #stated = new Map<string, Hash>();
  readonly #settled = new Set<Hash>();
  readonly #books = new Map<MemberId, CoverageBook>();

  constructor(modules: ReadingBookModules) {
    this.#modules = modules;
  }

  get settledReadings(): number {
    return this.#settled.size;
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
      if (before !== undefined && before !== id) this.#modules.say(`two readings of ${place}`);
      this.#stated.set(place, id);
    }
    this.#issued.set(id, reading);
  }

  /** @returns intervals of members that were measured, or lie between measured ones, and are closed but not settled */
  unsettled(isOfInterest: (member: MemberId) => boolean): readonly string[] {
    const nextInterval = this.#modules.nextInterval();
    const isAsked = (member: MemberId) => this.#modules.present().members.has(member) && isOfInterest(member);
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

  /** A household that has another key from the next block on goes on where it was. */
  succeed(from: MemberId, to: MemberId): void {
    const own = this.#books.get(from);
    this.#books.delete(from);
    if (own !== undefined) this.#books.set(to, own);
  }

  /** @param signed of a block @param interval that it is settled in */
  enter({ reading }: SignedReading, interval: number): void {
    const { say } = this.#modules;
    if (reading.interval !== interval)
      say(`reading of ${reading.member} for ${reading.interval} settled in ${interval}`);
    if (!areFiguresRight(reading, this.#rolesOf(reading.member)))
      say(`reading of ${reading.member} for ${interval} with figures that its registers do not give`);
    this.#settle(reading);
  }

  /** A late reading is of a closed interval, and its correction is what its registers give, set against what it should. */
  enterLate(entry: LateEntry): void {
    const {
      signed: { reading },
      correction,
    } = entry;
    const { genesis, money, present, nextInterval } = this.#modules;
    const say = (what: string) =>
      this.#modules.say(`late reading of ${reading.member} to ${reading.interval} ${what}`);
    if (reading.interval >= nextInterval()) say("of an open interval");
    const energy = this.#settle(reading);
    if (energy === null) return;
    if (correction.generated !== energy.generated || correction.consumed !== energy.consumed)
      say(
        `corrects ${correction.generated}/${correction.consumed}, not ${energy.generated}/${energy.consumed}`,
      );
    const enrolledW = present().members.get(reading.member)?.connectionRatingW ?? 0;
    const rating = money.ratingOf(reading.member, reading.interval, enrolledW);
    const isTooMuch = exceeds(
      reading,
      energy,
      (rating * genesis.intervalMs * genesis.timeLapse) / MS_PER_HOUR,
    );
    const against = isTooMuch ? "quarantined" : genesis.mode === "islanded" ? "imbalance" : "supplier";
    if (correction.against !== against || correction.member !== reading.member)
      say(`stands against ${correction.against}, not ${against}`);
    for (const what of money.enterLate(entry)) say(`moves ${what}`);
  }

  /** @returns what the state of a member says of all that is settled, in time or late, and its registers do not give */
  differences(member: MemberId, { totals }: Pick<MemberState, "totals">): readonly string[] {
    const all = this.#bookOf(member).total;
    return (["generated", "consumed"] as const).flatMap((key) => {
      const settled = totals[key] + totals.corrected[key] + totals.quarantined[key];
      return settled === all[key]
        ? []
        : [`state of ${member}: ${key} ${settled} in all, where the registers give ${all[key]}`];
    });
  }

  /** Each reading once, each interval once, and registers that go on. @returns its energy, null when it is not right */
  #settle(reading: Reading): Energy | null {
    const { member, interval } = reading;
    const id = readingId(reading);
    const say = (what: string) => this.#modules.say(`reading of ${member} for ${interval} ${what}`);
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
    return this.#modules.books.newest.roster.enrolled(member)?.meters.map((meter) => meter.role) ?? [];
  }
}
