/** The onlookers' books of each epoch: who takes part in it, what is voted in it, and where its instances stand. */
import type { Hash } from "../../agent/core/hash.ts";
import { type LedgerContext, newestEpoch } from "../../agent/core/ledger/state/context.ts";
import { baseHeight, type Epoch, epochAt } from "../../agent/core/membership/epoch.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import { InstanceWatch } from "./instanceWatch.ts";
import { RosterBook } from "./rosterBook.ts";
import { VoteWatch } from "./voteWatch.ts";

/** Those of one epoch. */
export type BooksOfEpoch = {
  readonly epoch: Epoch;
  /** Of the chain, as whoever is in that epoch knows it. */
  readonly context: LedgerContext;
  readonly roster: RosterBook;
  readonly votes: VoteWatch;
  readonly instances: InstanceWatch;
};

/** Those of one run. */
export class EpochBooks {
  readonly #all: BooksOfEpoch[];

  /** @param context of the genesis @param liars ids of members that lie */
  constructor(context: LedgerContext, liars: ReadonlySet<string>) {
    this.#all = [booksOf(context, new RosterBook(context.genesis, liars, context.voters.verify))];
  }

  get newest(): BooksOfEpoch {
    return this.#all.at(-1)!;
  }

  /** What must not be and was, in any epoch. */
  get faults(): readonly (readonly string[])[] {
    return this.#all.flatMap(({ votes, instances }) => [votes.faults, instances.faults]);
  }

  /** @param height of the chain that goes on @returns the books of the epoch of that height */
  at(height: number): BooksOfEpoch {
    const { number } = epochAt(this.newest.context.epochs, heightOf(height));
    return this.#all[number]!;
  }

  /** @param chainId that signatures of an epoch are bound to @returns its books; the newest for an epoch that nobody began */
  of(chainId: Hash): BooksOfEpoch {
    return this.#all.find(({ epoch }) => epoch.chainId === chainId) ?? this.newest;
  }

  /** @param context of the chain with one epoch more */
  begin(context: LedgerContext): void {
    const epoch = newestEpoch(context);
    const lost = epoch.recovery?.lost ?? [];
    this.#all.push(booksOf(context, this.newest.roster.recovered(baseHeight(epoch), lost)));
  }
}

function booksOf(context: LedgerContext, roster: RosterBook): BooksOfEpoch {
  return {
    epoch: newestEpoch(context),
    context,
    roster,
    votes: new VoteWatch(roster),
    instances: new InstanceWatch(roster),
  };
}
