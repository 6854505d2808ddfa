/**
 * What a seed of mode "censor" is made of: a sound network, members that want to keep others' items out of blocks or
 * have honest DSOs recalled, and an onlooker that knows what every block must hold.
 */
import { type ItemList, itemListOf } from "../../agent/core/consensus/item.ts";
import type { Block } from "../../agent/core/ledger/blocks/block.ts";
import type {
  SignedTransaction,
  Transaction,
  TransactionContent,
} from "../../agent/core/ledger/state/transaction.ts";
import { MAX_WAITING_PER_SIGNER, transactionSignBytes } from "../../agent/core/ledger/state/transaction.ts";
import { maxOf, type StandingOrder } from "../../agent/core/market/curtail.ts";
import { intervalEndMs } from "../../agent/core/metering/interval.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import type { Draw } from "./draw.ts";
import type { Gateway } from "./gateway.ts";
import type { Lie } from "./lies.ts";
import type { Scenario } from "./scenario.ts";

/** Lies of those who censor, or depose DSOs by what they send and when. */
export const CENSOR_LIES = [
  "omit-readings",
  "omit-transactions",
  "last-moment",
  "two-transactions",
  "flood",
  "false-names",
  "silent",
] as const satisfies readonly Lie[];

/** Longest one-way delay of a street in which every sound reading is everywhere by the middle of the grace. */
const TIMELY_DELAY_MS = 100;
/** A transaction is everywhere, whatever way it takes. */
const WELL_BEFORE_MS = 500;

/** @param draw of the seed @returns a network that delays everything alike and loses nothing */
export function steadyNetwork(draw: Draw): Scenario["network"] {
  const delayMs = draw.one([20, TIMELY_DELAY_MS, 300]);
  return { delayMs, slowShare: 0, dropShare: 0, duplicateShare: draw.one([0, 0.1]), isSteady: true };
}

/** @param members of the street @returns a list that names all there could be */
export function everyItem(members: number): ItemList {
  const places = Array.from({ length: members + 1 }, (_, place) => place);
  const positions = Array.from({ length: MAX_WAITING_PER_SIGNER }, (_, index) => index + 1);
  return itemListOf([
    ...places.slice(0, members).map((signer) => ({ kind: "reading", position: 1, signer }) as const),
    ...places.flatMap((signer) =>
      positions.map((position) => ({ kind: "transaction", position, signer }) as const),
    ),
  ]);
}

/** Contents that change nobody's office: presence, and a ballot that is taken back. */
export const IDLE_CONTENTS = [
  { kind: "present" },
  { kind: "ballot", candidate: null },
] as const satisfies readonly TransactionContent[];

/**
 * @param draw of the world
 * @param orders that stand
 * @returns what a member asks for: something idle, or to acknowledge an order that may be its own or another's
 */
export function wantedContent(draw: Draw, orders: readonly StandingOrder[]): TransactionContent {
  if (orders.length === 0 || draw.chance(0.5)) return draw.one(IDLE_CONTENTS);
  const order = draw.one(orders);
  return { kind: "acknowledge", interval: order.interval, order: order.kind, max: maxOf(order) };
}

/** @returns a transaction of that gateway's member under a sequence */
export function simTransaction(
  { context, options: { member } }: Gateway,
  sequence: number,
  content: TransactionContent,
): SignedTransaction {
  const { chainId, epoch } = context.roster;
  const transaction: Transaction = { signer: member.id, sequence, content };
  return { transaction, signature: member.sign(transactionSignBytes(transaction, chainId, epoch)) };
}

/** Knows which items sound members have sent in good time, and sees whether blocks hold them. */
export class CensorWatch {
  readonly faults: string[] = [];
  readonly #scenario: Scenario;
  readonly #startMs: number;
  readonly #readings = new Map<number, Map<string, string>>();
  readonly #waiting = new Map<string, { readonly name: string; readonly atMs: number }>();

  constructor(scenario: Scenario, startMs: number) {
    this.#scenario = scenario;
    this.#startMs = startMs;
  }

  /** @param name of a sound member @param signed reading that it has published */
  published(name: string, { reading }: SignedReading): void {
    const ofInterval = this.#readings.get(reading.interval) ?? new Map<string, string>();
    this.#readings.set(reading.interval, ofInterval.set(reading.member, name));
  }

  /** @param name of a sound member @param transaction that it has published @param atMs when */
  submitted(name: string, { transaction: { signer, sequence } }: SignedTransaction, atMs: number): void {
    this.#waiting.set(`${signer}/${sequence}`, { name, atMs });
  }

  /** @param block decided by a sound gateway */
  sawBlock({ header, body }: Block): void {
    const isTimely = this.#scenario.network.delayMs <= TIMELY_DELAY_MS;
    for (const { interval, readings } of isTimely ? body.intervals : []) {
      const present = new Set<string>(readings.map(({ reading }) => reading.member));
      for (const [member, name] of this.#readings.get(interval) ?? [])
        if (!present.has(member)) this.faults.push(`CENSORED: ${name}'s reading of interval ${interval}`);
    }
    for (const { signed } of body.transactions)
      this.#waiting.delete(`${signed.transaction.signer}/${signed.transaction.sequence}`);
    const endedMs = intervalEndMs(header.to, this.#scenario.intervalMs) - this.#startMs;
    for (const [item, { name, atMs }] of isTimely ? this.#waiting : [])
      if (atMs < endedMs - WELL_BEFORE_MS)
        this.faults.push(`CENSORED: ${name}'s transaction ${item} at height ${header.height}`);
  }
}
