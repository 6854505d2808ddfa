/** Says on the ledger which orders of its own a gateway will act on: each once, and only with an actuator that answers. */
import { isAgentError } from "../../core/errors.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { TransactionContent } from "../../core/ledger/state/transaction.ts";
import { maxOf, type OrderKind, type StandingOrder } from "../../core/market/curtail.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { intervalEndMs } from "../../core/metering/interval.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { OwnTransactions } from "../pools/ownTransactions.ts";

/** What acknowledgements are made of. */
export type AcknowledgementsModules = {
  readonly self: MemberId;
  readonly context: Pick<LedgerContext, "genesis">;
  readonly clock: Clock;
  readonly ledger: Pick<LedgerService, "state" | "onCommit">;
  /** @returns true while others claim to be further on: what is ordered here may be over */
  readonly isBehind: () => boolean;
  /** Own transactions: how one is asked for, and those that no block contains. */
  readonly own: Pick<OwnTransactions, "submit" | "waiting">;
  /** @returns why this gateway cannot act on an order of that kind; null when it can */
  readonly hindrance: (kind: OrderKind) => Promise<string | null>;
  readonly logger: Logger;
};

/** The acknowledgements of one gateway. */
export type Acknowledgements = {
  /** Acknowledges what is due; what could not be done is tried again at the next look. */
  readonly look: () => Promise<void>;
  /** @returns why an order was not acknowledged; null when it was, or was not looked at yet */
  readonly hindranceOf: (order: StandingOrder) => string | null;
};

type Content = Extract<TransactionContent, { kind: "acknowledge" }>;

/** @param modules of this gateway @returns its acknowledgements */
export function acknowledgements(modules: AcknowledgementsModules): Acknowledgements {
  const { context, clock, ledger, isBehind, logger } = modules;
  /** Null: said. */
  const said = new Map<string, string | null>();
  const acknowledge = async (order: StandingOrder): Promise<void> => {
    const fields = { interval: order.interval, order: order.kind };
    const hindrance = await submitted(modules, order);
    const isNews = said.get(keyOf(order)) !== hindrance;
    said.set(keyOf(order), hindrance);
    if (hindrance === null) logger.info("curtailment.acknowledged", fields);
    else if (isNews) logger.warn("curtailment.cannot-act", { ...fields, reason: hindrance });
  };
  return {
    look: async () => {
      const { nextInterval } = ledger.state;
      for (const key of said.keys()) if (Number.parseInt(key, 10) < nextInterval) said.delete(key);
      if (isBehind()) return;
      for (const order of ownOrders(modules)) {
        const isOver = intervalEndMs(order.interval, context.genesis.intervalMs) <= clock.nowMs();
        const isSaid = order.acknowledged || said.get(keyOf(order)) === null;
        if (!isOver && !isSaid) await acknowledge(order);
      }
    },
    hindranceOf: (order) => said.get(keyOf(order)) ?? null,
  };
}

/** @param modules ledger and self @returns the own orders whose intervals are not settled yet */
export function ownOrders({
  ledger,
  self,
}: Pick<AcknowledgementsModules, "ledger" | "self">): readonly StandingOrder[] {
  return ledger.state.orders.filter((order) => order.member === self);
}

/** @returns why it could not be said; null when it is durable, and on its way to a block */
async function submitted(modules: AcknowledgementsModules, order: StandingOrder): Promise<string | null> {
  const { own, hindrance } = modules;
  const { interval, kind } = order;
  const content: Content = { kind: "acknowledge", interval, order: kind, max: maxOf(order) };
  if (own.waiting().some(({ transaction }) => isSame(transaction.content, content))) return null;
  const because = await hindrance(kind);
  if (because !== null) return because;
  try {
    await own.submit(content);
    return null;
  } catch (error) {
    if (!isAgentError(error)) throw error;
    return error.code;
  }
}

function keyOf(order: StandingOrder): string {
  return `${order.interval}/${order.kind}/${maxOf(order)}`;
}

function isSame(content: TransactionContent, other: Content): boolean {
  return (
    content.kind === "acknowledge" &&
    content.interval === other.interval &&
    content.order === other.order &&
    content.max === other.max
  );
}
