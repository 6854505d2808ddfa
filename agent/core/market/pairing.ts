/**
 * Who trades with whom, once it is fixed what everybody sells and buys: one walk along both sides, and
 * before it, where buyers have wishes, a walk of each such buyer along the sellers that meet its wish.
 *
 * @source docs/market.md, "Trades", "Preferences"
 */
import type { MemberId } from "../membership/address.ts";
import type { Fuel } from "../membership/enrolment.ts";
import { type Wh, wh } from "../units.ts";
import { lesser } from "./split.ts";

/** Energy sold by one member to another, Wh > 0. */
export type Trade = { readonly from: MemberId; readonly to: MemberId; readonly wh: Wh };

/** Whose energy a buyer would rather have; null where it does not mind. */
export type Wish = { readonly area: string | null; readonly fuel: Fuel | null };

/** Where a seller's energy comes from: its part of the street, and the fuels that its excess was made from. */
export type Origin = { readonly area: string; readonly fuels: ReadonlySet<Fuel> };

/** Amounts of one side in tie order, Wh ≥ 0. */
export type SideAmounts = ReadonlyMap<MemberId, Wh>;

/** Wishes of buyers and the origins of sellers. */
export type Preferences = {
  readonly wishes: ReadonlyMap<MemberId, Wish>;
  readonly origins: ReadonlyMap<MemberId, Origin>;
};

/** What a walk has still to trade of a member's amount. */
type OpenAmount = { readonly member: MemberId; left: Wh };

/** Amounts in the sequence they are walked in; before `first` nothing is left, and never will be. */
type Queue = { readonly side: readonly OpenAmount[]; first: number };

const NO_PREFERENCES: Preferences = { wishes: new Map(), origins: new Map() };

/**
 * Pairs sellers with buyers.
 *
 * @param sold what each member sells, in tie order
 * @param bought what each member buys, in tie order; no member of `sold`; Σ is that of `sold`
 * @param preferences which reorder the pairs and nothing else
 * @returns the trades in the sequence they were made in: at most sellers + buyers without wishes, and
 *   twice as many with; no pair twice
 * @source docs/market.md, "Trades", "Preferences"
 */
export function pair(
  sold: SideAmounts,
  bought: SideAmounts,
  preferences: Preferences = NO_PREFERENCES,
): readonly Trade[] {
  const sellers = openAmounts(sold);
  const buyers = openAmounts(bought);
  return [...walkWishes(sellers, buyers, preferences), ...walk(queueOf(sellers), queueOf(buyers))];
}

/** Each buyer with a wish takes what is left of the sellers that meet it. */
function walkWishes(
  sellers: readonly OpenAmount[],
  buyers: readonly OpenAmount[],
  { wishes, origins }: Preferences,
): readonly Trade[] {
  const queues = new Map<string, Queue>();
  const queueFor = (wish: Wish): Queue => {
    const key = JSON.stringify([wish.area, wish.fuel]);
    const known = queues.get(key);
    if (known !== undefined) return known;
    const queue = queueOf(sellers.filter(({ member }) => meets(origins.get(member), wish)));
    queues.set(key, queue);
    return queue;
  };
  return buyers.flatMap((buyer) => {
    const wish = wishes.get(buyer.member);
    if (wish === undefined || (wish.area === null && wish.fuel === null)) return [];
    return walk(queueFor(wish), queueOf([buyer]));
  });
}

function meets(origin: Origin | undefined, { area, fuel }: Wish): boolean {
  if (origin === undefined) return false;
  return (area === null || origin.area === area) && (fuel === null || origin.fuels.has(fuel));
}

/** Walks both sides at once; each trade exhausts its seller or its buyer. */
function walk(selling: Queue, buying: Queue): readonly Trade[] {
  const trades: Trade[] = [];
  let seller = firstOpen(selling);
  let buyer = firstOpen(buying);
  while (seller !== undefined && buyer !== undefined) {
    const amount = lesser(seller.left, buyer.left);
    trades.push({ from: seller.member, to: buyer.member, wh: amount });
    seller.left = wh(seller.left - amount);
    buyer.left = wh(buyer.left - amount);
    seller = firstOpen(selling);
    buyer = firstOpen(buying);
  }
  return trades;
}

function firstOpen(queue: Queue): OpenAmount | undefined {
  while (queue.side[queue.first]?.left === 0n) queue.first++;
  return queue.side[queue.first];
}

function queueOf(side: readonly OpenAmount[]): Queue {
  return { side, first: 0 };
}

function openAmounts(amounts: SideAmounts): readonly OpenAmount[] {
  return Array.from(amounts, ([member, left]) => ({ member, left }));
}
