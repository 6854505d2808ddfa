/**
 * The onlookers' book of what intervals come to: every market property again, orders, money and bids by the books of
 * each, and sums that the state's totals must be.
 */
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import type { MemberState } from "../../agent/core/ledger/state/state.ts";
import type { BalanceInput } from "../../agent/core/market/balance.ts";
import type { MemberPosition } from "../../agent/core/market/position.ts";
import { tieOrder } from "../../agent/core/market/tieOrder.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { GenesisBody } from "../../agent/core/membership/genesis.ts";
import { outcomeViolations } from "../support/marketProperties.ts";
import type { BidBook } from "./bidBook.ts";
import type { ComplianceBook } from "./complianceBook.ts";
import type { MoneyBook } from "./moneyBook.ts";
import type { RosterByHand } from "./rosterBook.ts";

type Sums = { generated: bigint; consumed: bigint; sold: bigint; bought: bigint };

/** What the book is kept with. */
export type OutcomeBookModules = {
  readonly genesis: GenesisBody;
  /** Who takes part in the block that is entered. */
  readonly present: () => RosterByHand;
  readonly money: MoneyBook;
  readonly bids: BidBook;
  readonly orders: ComplianceBook;
  readonly say: (fault: string) => void;
};

/** One book. */
export class OutcomeBook {
  readonly #modules: OutcomeBookModules;
  readonly #sums = new Map<MemberId, Sums>();

  constructor(modules: OutcomeBookModules) {
    this.#modules = modules;
  }

  /** A household that has another key from the next block on goes on where it was. */
  succeed(from: MemberId, to: MemberId): void {
    const own = this.#sums.get(from);
    this.#sums.delete(from);
    if (own !== undefined) this.#sums.set(to, own);
  }

  /** @param settled an interval of the block @param height of the block */
  enter(settled: SettledInterval, height: number): void {
    const { interval, outcome } = settled;
    const { money, bids, orders, say } = this.#modules;
    const input = this.#inputOf(settled);
    const policy = money.policyAt(interval);
    for (const violation of outcomeViolations(input, outcome, policy?.pricing))
      say(`interval ${interval}: ${violation}`);
    if (policy?.pricing === "auction")
      for (const what of bids.enterInterval(settled, input, policy)) say(what);
    bids.closeInterval(interval);
    const listed = settled.settlement?.ineligible ?? [];
    if (listed.join() !== [...input.ineligible].sort().join())
      say(`interval ${interval}: names ${listed.length} ineligible, not ${input.ineligible.size}`);
    for (const what of money.enterInterval(settled)) say(`interval ${interval}: ${what}`);
    for (const what of orders.settle(settled, height, this.#isMember)) say(what);
    for (const { member, generated, consumed } of input.positions) this.#add(member, { generated, consumed });
    for (const { from, to, wh } of outcome.trades) {
      this.#add(from, { sold: wh });
      this.#add(to, { bought: wh });
    }
  }

  /** @returns what the state's totals of a member say that the sums do not */
  differences(member: MemberId, { totals }: Pick<MemberState, "totals">): readonly string[] {
    const sums = this.#sums.get(member) ?? nothing();
    const differs = (Object.keys(sums) as (keyof Sums)[]).find((key) => sums[key] !== totals[key]);
    return differs === undefined
      ? []
      : [`state of ${member}: ${differs} ${totals[differs]}, not ${sums[differs]}`];
  }

  readonly #isMember = (member: string): boolean => this.#modules.present().members.has(member);

  /** What the market had to go on, as the readings and the other books give it. */
  #inputOf({ interval, readings, outcome }: SettledInterval): BalanceInput {
    const { genesis, present, money, orders, say } = this.#modules;
    const members = [...present().members.values()];
    const contents = new Map(readings.map(({ reading }) => [reading.member, reading.content]));
    const missing = new Set(outcome.missing.map(({ member }) => member));
    for (const { id } of members)
      if (contents.get(id)?.kind !== "measured" && !missing.has(id)) say(`${id} counted without a reading`);
    const positions = members.flatMap(({ id }): readonly MemberPosition[] => {
      const content = contents.get(id);
      if (content?.kind !== "measured" || missing.has(id)) return [];
      const { generated, consumed, position } = content;
      return [{ member: id, generated, consumed, position }];
    });
    const lacking = positions.filter(({ position }) => position < 0n).map(({ member }) => member);
    const ids = members.map(({ id }) => id);
    return {
      interval,
      positions,
      missing: outcome.missing,
      tieOrder: tieOrder(genesis.seed, ids),
      mode: genesis.mode,
      standingOrders: orders.binding(interval, this.#isMember),
      feedInLimit: money.feedInLimit(interval),
      ineligible: new Set(money.ineligible(interval, lacking)),
    };
  }

  #add(member: MemberId, amounts: Partial<Sums>): void {
    const sums = this.#sums.get(member) ?? nothing();
    for (const key of Object.keys(amounts) as (keyof Sums)[]) sums[key] += amounts[key] ?? 0n;
    this.#sums.set(member, sums);
  }
}

function nothing(): Sums {
  return { generated: 0n, consumed: 0n, sold: 0n, bought: 0n };
}
