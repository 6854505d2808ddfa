/**
 * The onlookers' book of curtailment orders: what was ordered, who said that it would obey, and what the registers say of
 * it, worked out from what stands in the blocks without the product's arithmetic.
 */
import type { BlockBody } from "../../agent/core/ledger/blocks/block.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import type { CurtailmentOrder } from "../../agent/core/market/curtail.ts";
import { limitOf } from "../support/curtailmentProperties.ts";

/** An order in the book. */
type Entry = { readonly order: CurtailmentOrder; readonly height: number; isAcknowledged: boolean };

/** Orders that are open. */
export class ComplianceBook {
  #open: Entry[] = [];
  /** Orders judged, and acknowledgements that took effect. */
  readonly counts = { judged: 0, ofGeneration: 0, acknowledged: 0 };

  /** @param interval that is settled @param isMember tells who takes part in it @returns the orders that bind it */
  binding(interval: number, isMember: (member: string) => boolean): readonly CurtailmentOrder[] {
    return this.#open
      .filter(({ order }) => order.interval === interval && isMember(order.member))
      .map(({ order }) => order);
  }

  /**
   * @param settled an interval
   * @param height of its block
   * @param isMember tells who takes part in it: orders to whoever has left bind nobody
   * @returns what its compliance entries have wrong
   */
  settle(
    settled: SettledInterval,
    height: number,
    isMember: (member: string) => boolean = () => true,
  ): readonly string[] {
    const { interval, compliance, outcome } = settled;
    const due = this.#open.filter(({ order }) => order.interval === interval && isMember(order.member));
    this.#open = this.#open.filter(({ order }) => order.interval !== interval);
    for (const order of outcome.orders) this.#open.push({ order, height, isAcknowledged: false });
    this.counts.judged += due.length;
    this.counts.ofGeneration += due.filter(({ order }) => order.kind === "generation").length;
    const expected = due.map((entry) => entryText(entry, settled, height)).sort();
    const found = compliance.map(
      ({ member, kind, max, measured, acknowledged, result }) =>
        `${member} ${kind} ${max} ${measured} ${acknowledged} ${result}`,
    );
    const isRight = found.length === expected.length && found.every((text, at) => text === expected[at]);
    return isRight ? [] : [`compliance in ${interval} is [${found}], not [${expected}]`];
  }

  /** @param transactions of a block, after its intervals @returns which acknowledgements have a wrong effect */
  acknowledge(transactions: BlockBody["transactions"]): readonly string[] {
    return transactions.flatMap(({ signed: { transaction }, refusal }) => {
      const { signer, content } = transaction;
      if (content.kind !== "acknowledge") return [];
      const named = this.#open.find(
        ({ order }) =>
          order.member === signer &&
          order.interval === content.interval &&
          order.kind === content.order &&
          limitOf(order) === content.max,
      );
      const due =
        named === undefined ? "ACKNOWLEDGE_NO_ORDER" : named.isAcknowledged ? "ACKNOWLEDGE_TWICE" : null;
      if (due === null && named !== undefined) {
        named.isAcknowledged = true;
        this.counts.acknowledged += 1;
      }
      return due === refusal
        ? []
        : [`acknowledgement of ${signer} for ${content.interval}: ${refusal}, not ${due}`];
    });
  }
}

function entryText({ order, height, isAcknowledged }: Entry, settled: SettledInterval, now: number): string {
  const { member, kind } = order;
  const limit = limitOf(order);
  const content = settled.readings.find(({ reading }) => reading.member === member)?.reading.content;
  const isMissing = settled.outcome.missing.some((missing) => missing.member === member);
  if (content?.kind !== "measured" || isMissing)
    return `${member} ${kind} ${limit} null ${isAcknowledged} unknown`;
  const { generated, consumed, meters } = content;
  const amount = kind === "consumption" ? consumed - generated : generated - consumed;
  const measured = amount < 0n ? 0n : amount;
  const steps = meters.reduce((sum, meter) => sum + BigInt(meter.resolutionMilliWh), 0n);
  // In thousandths of a Wh: the limit, 2 % of it, and the steps, the last two in whole Wh.
  const whole = (milli: bigint) => (milli % 1000n === 0n ? milli : milli - (milli % 1000n) + 1000n);
  const most = limit * 1000n + (limit * 20n - ((limit * 20n) % 1000n)) + whole(steps);
  const result = height === now ? "unknown" : measured * 1000n <= most ? "complied" : "exceeded";
  return `${member} ${kind} ${limit} ${measured} ${isAcknowledged} ${result}`;
}
